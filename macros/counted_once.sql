{#
  The landed rows that counting once leaves out: found by their ids alone, since whole rows are wide and repeats are few.
  A repeat whose content is not that of the row that stays is a conflict. `version_order` says which version stays: the
  latest, then the fullest; ties by content (the file's hash and row). `landed`: a view of the source that adds to it.
  `are_versions`: the source writes a record anew when it changes, so that an older one is no conflict.
#}
{% macro duplicates(source_name, ids, version_order, landed=none, are_versions=false) -%}
{%- set ids = [ids] if ids is string else ids -%}
with source as (

    select * from {{ landed or source('raw', source_name) }}

),

repeated as (

    select
        day,
        {{ ids | join(', ') }}
    from source
    group by day, {{ ids | join(', ') }}
    having count(*) > 1

),

ranked as (

    select
        source.day as row_date,
        '{{ source_name }}' as source,
        source._file_hash as file_hash,
        source._row as file_row,
        source.{{ ids | join(', source.') }},
        row_number() over (partition by source.day, source.{{ ids | join(', source.') }} order by {{ version_order }}, source._file_hash, source._row) as version,
        {{ source_columns_text(source_name, 'source') }} as content
    from source
    inner join repeated
        on source.day = repeated.day{% for id in ids %} and source.{{ id }} = repeated.{{ id }}{% endfor %}

),

compared as (

    select
        *,
        content <> first_value(content) over (partition by row_date, {{ ids | join(', ') }} order by version) as is_conflict
    from ranked

)

select
    row_date,
    source,
    file_hash,
    file_row,
    {{ ids | join(', ') }},
    {{ 'false as is_conflict' if are_versions else 'is_conflict' }}
from compared
where version > 1
{%- endmacro %}

{# A source without the rows that `left_out` names: for use as a common table expression after one called `source`. #}
{% macro counted_once(left_out) -%}
    select source.*
    from source
    left join {{ left_out }} as repeated
        on
            source.day = repeated.row_date
            and source._file_hash = repeated.file_hash
            and source._row = repeated.file_row
    where repeated.file_row is null
{%- endmacro %}

{# The rows of a source's newest deliveries: for use as a common table expression after one called `source`. #}
{% macro current_delivery(source_name, account, period) -%}
    select source.*
    from source
    inner join {{ ref('stg_files__deliveries') }} as deliveries
        on {{ same_delivery(source_name, account, period) }}
    where deliveries.is_current
{%- endmacro %}

{# Landed rows that a newer delivery of the same period replaced, counted apart from the model that leaves them out. #}
{% macro superseded(source_name, account, period) -%}
with source as (

    select * from {{ source('raw', source_name) }}

)

select
    source.day as row_date,
    '{{ source_name }}' as source,
    source._file_hash as file_hash,
    source._row as file_row,
    false as is_conflict
from source
where
    not exists (
        select 1
        from {{ ref('stg_files__deliveries') }} as deliveries
        where {{ same_delivery(source_name, account, period) }} and deliveries.is_current
    )
{%- endmacro %}

{#
  The same for a vendor's report of buckets, and what else counts twice in one: a bucket that stands in a file n times (a page
  was fetched again), and one that lies within a wider one of the day (hours beside the day). Equal results of one bucket are
  separate ones, unless all of its results are there equally often.
#}
{% macro superseded_buckets(source_name, account, bucket='bucket') -%}
with source as (

    select * from {{ source('raw', source_name) }}

),

delivered as (

    select
        source.day,
        source._file_hash,
        source._row,
        source.{{ bucket }}_start as bucket_start,
        source.{{ bucket }}_end as bucket_end,
        coalesce(source.{{ account }}, '') as account,
        deliveries.folder_account,
        coalesce(deliveries.is_current, false) as is_current,
        {{ source_columns_text(source_name, 'source') }} as content
    from source
    left join {{ ref('stg_files__deliveries') }} as deliveries
        on {{ same_delivery(source_name, account, bucket ~ '_start') }}

),

numbered as (

    select
        *,
        row_number() over (partition by day, _file_hash, account, bucket_start, content order by _row) as copy_number,
        count(*) over (partition by day, _file_hash, account, bucket_start, content) as copies
    from delivered

),

repeated as (

    select
        *,
        min(copies) over (partition by day, _file_hash, account, bucket_start) as least_copies,
        max(copies) over (partition by day, _file_hash, account, bucket_start) as most_copies
    from numbered

),

buckets as (

    select distinct
        day,
        folder_account,
        account,
        bucket_start,
        bucket_end
    from delivered
    where is_current

)

select
    repeated.day as row_date,
    '{{ source_name }}' as source,
    repeated._file_hash as file_hash,
    repeated._row as file_row,
    false as is_conflict
from repeated
where
    not repeated.is_current
    or (repeated.least_copies = repeated.most_copies and repeated.copy_number > 1)
    or exists (
        select 1
        from buckets as wider
        where
            repeated.day = wider.day
            and repeated.folder_account = wider.folder_account
            and repeated.account = wider.account
            and repeated.bucket_start >= wider.bucket_start
            and repeated.bucket_end <= wider.bucket_end
            and (repeated.bucket_start > wider.bucket_start or repeated.bucket_end < wider.bucket_end)
    )
{%- endmacro %}

{% macro same_delivery(source_name, account, period) -%}
  deliveries.source = '{{ source_name }}'
  and source.day = deliveries.charge_date
  and source._file_hash = deliveries.file_hash
  and coalesce(source.{{ account }}, '') = deliveries.billing_account_id
  and coalesce(cast(source.{{ period }} as timestamp), timestamp '1970-01-01') = deliveries.billing_period_start
{%- endmacro %}

{# For business rows: what makes two rows versions of one, and which of them holds. #}
{% macro business_keys() -%}
  {{ return({
    'customers': ['customer_id', 'valid_from'],
    'revenue': ['customer_id', 'product', 'feature', 'month', 'currency', 'revenue_kind'],
    'outcomes': ['outcome_id'],
    'budgets': ['budget_id', 'scope_type', 'scope', 'month'],
    'human_effort': ['effort_id'],
  }) }}
{%- endmacro %}

{# What a record says itself of which of its versions holds, if it does. #}
{% macro stated_version_order(source_name) -%}
  {%- if source_name == 'outcomes' -%}
    occurred_at desc, {{ status_rank() }} desc
  {%- endif %}
{%- endmacro %}

{# Of the statuses that an outcome has at one moment, the one that holds ranks highest. #}
{% macro status_rank() -%}
  case status when 'reversed' then 3 when 'success' then 2 when 'failure' then 2 when 'abandoned' then 1 else 0 end
{%- endmacro %}

{#
  The rows that another row of the same key replaced: found by their keys alone, as repeats are few. What the records do not say
  themselves, the file that was seen later does. Of one file the later row holds; but rows of revenue are parts of one sum, as an
  amount and what is taken back of it: all of one file count. A row that says something else than what replaced it, and does not
  say itself that it is older, is a conflict.
#}
{% macro replaced_rows(source_name) -%}
{%- set keys = business_keys()[source_name] -%}
{%- set key = 'source.' ~ keys | join(', source.') -%}
{%- set stated = stated_version_order(source_name) -%}
with source as (

    select * from {{ source('raw', source_name) }}

),

seen as (

    select
        file_hash,
        first_seen_at
    from {{ source('raw', 'files') }}
    where source = '{{ source_name }}'

),

repeated as (

    select {{ keys | join(', ') }}
    from source
    group by {{ keys | join(', ') }}
    having count(*) > 1

),

ranked as (

    select
        source.*,
        {{ source_columns_text(source_name, 'source') }} as content,
        rank() over (
            partition by {{ key }}
            order by {{ stated ~ ',' if stated }} seen.first_seen_at desc, source._file_hash
            {{- ', source._row desc' if source_name != 'revenue' }}
        ) as version,
        {{ 'rank() over (partition by ' ~ key ~ ' order by ' ~ stated ~ ') = 1' if stated else 'true' }} as is_as_late
    from source
    inner join seen on source._file_hash = seen.file_hash
    inner join repeated
        on {% for key in keys %}source.{{ key }} is not distinct from repeated.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}

),

compared as (

    select
        *,
        is_as_late and min(version) over (partition by {{ keys | join(', ') }}, content) > 1 as is_conflict
    from ranked

)

select
    cast(null as date) as row_date,
    '{{ source_name }}' as source,
    _file_hash as file_hash,
    _row as file_row,
    is_conflict
from compared
where version > 1
{%- endmacro %}
