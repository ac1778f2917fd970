-- What one build was made from.
with landed as (

    select
        count(*) as files,
        {{ rows_hash("file_hash || '|' || source", is_text=true) }} as landed_hash
    from {{ ref('stg_files__files') }}

),

usage as (

    select
        min(call_date) as first_call_date,
        max(call_date) as last_call_date,
        coalesce(sum(calls), 0) as calls
    from {{ ref('int_usage_daily') }}

),

lines as (

    select count(*) as cost_lines
    from {{ ref('int_cost_lines') }}

)

select
    '{{ "demo" if is_demo() else "company" }}' as built_from,
    '{{ var("costgrain_version") }}' as costgrain_version,
    {{ now_utc() }} as as_of_at,
    usage.first_call_date,
    usage.last_call_date,
    landed.landed_hash,
    rules.rule_version,
    (select {{ rows_hash('book') }} from {{ ref('stg_prices__book') }} as book) as price_book_hash, -- hashed as a whole -- noqa: AL05
    {{ 'true' if is_demo() else 'false' }} as is_demo,
    cast(landed.files as bigint) as landed_file_count,
    cast(usage.calls as bigint) as call_count,
    cast(lines.cost_lines as bigint) as cost_line_count
from landed
cross join usage
cross join lines
cross join {{ ref('int_rule_version') }} as rules
