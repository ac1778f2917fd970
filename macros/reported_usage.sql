{# The columns that every vendor's usage report gives, apart from its targets. One row per landed record that counts. #}
{% macro usage_columns(alias=none) -%}
  {%- set names = [
    'usage_date', 'source', 'file_hash', 'file_row', 'bucket_start', 'bucket_end', 'provider', 'account', 'project', 'api_key', 'user_id',
    'model', 'service_tier', 'context_tokens',
  ] -%}
  {%- for meter in all_meters() -%}{%- do names.append(quantity_of(meter)) -%}{%- endfor -%}
  {%- do names.extend(report_meters() + ['reported_tokens']) -%}
  {{ comma_list(names, alias) }}
{%- endmacro %}

{#
  The days between a report's first bucket and its last that no delivery holds, or of which a part is missing: the shortest step
  between two buckets of a day tells how far apart they are. A bucket without results is held, for every report.
#}
{% macro bucket_gaps(source_name) -%}
with delivered as (

    select {{ unnested('deliveries') }} as delivery
    from {{ source('raw', 'files') }}
    where source = '{{ source_name }}'

),

held as (

    select distinct
        coalesce(delivered.delivery.billing_account_id, '') as report,
        delivered.delivery.billing_period_start as bucket_start
    from delivered
    where delivered.delivery.billing_period_start is not null

),

reports as (

    select
        report,
        min(bucket_start) as first_start,
        max(bucket_start) as last_start
    from held
    where report <> '' or not exists (select 1 from held as named where named.report <> '')
    group by report

),

starts as (

    select distinct
        reports.report,
        held.bucket_start
    from reports
    inner join held on held.bucket_start between reports.first_start and reports.last_start and held.report in (reports.report, '')

),

steps as (

    select
        report,
        cast(bucket_start as date) as held_date,
        bucket_start,
        lead(bucket_start) over (partition by report order by bucket_start) as next_start
    from starts

),

measured as (

    select
        *,
        min(case when cast(next_start as date) = held_date then next_start - bucket_start end) over (
            partition by report, held_date
        ) as bucket_width
    from steps

),

missing as (

    select
        measured.report,
        days.missing_date
    from measured,
        {{ each_day('measured.held_date + 1', "cast(measured.next_start as date) - 1", 'days', 'missing_date') }}
    union
    select
        report,
        cast(bucket_start + bucket_width as date) as missing_date
    from measured
    where next_start > bucket_start + bucket_width

)

select
    '{{ source_name }}' as source,
    case when report = '' then '{{ source_name }}' else report end as report,
    missing_date
from missing
{%- endmacro %}
