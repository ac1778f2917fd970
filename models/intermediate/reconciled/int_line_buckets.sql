{{ config(materialized='table') }}

-- The first exact step: each line of a bill over the buckets that it pays for. A line that fits none keeps itself elsewhere.
with weighed as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.has_credit,
        {{ bucket_columns('scopes') }},
        {{ bucket_key('scopes') }} as bucket_key,
        scopes.line_share as weight,
        scopes.billed_quantity,
        {{ comma_list(allocated_amounts() + ['compared_cost_usd'], 'lines') }}
    from {{ ref('int_usage_lines') }} as lines
    inner join {{ ref('int_line_scopes') }} as scopes
        on lines.charge_date = scopes.charge_date and lines.cost_line_id = scopes.cost_line_id

)

{{ exact_parts(
    'weighed', 'charge_date, cost_line_id', 'bucket_key',
    ['has_credit', 'billed_quantity', 'bucket_key'] + bucket_column_names(),
    allocated_amounts() + ['compared_cost_usd'],
) }}
