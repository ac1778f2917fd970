{# The columns that every vendor's usage report gives, apart from its targets. One row per landed record that counts. #}
{% macro usage_columns(alias=none) -%}
  {%- set names = [
    'usage_date', 'source', 'file_hash', 'file_row', 'bucket_start', 'bucket_end', 'provider', 'account', 'project', 'api_key', 'user_id',
    'model', 'service_tier', 'context_tokens',
  ] -%}
  {%- for meter in all_meters() -%}{%- do names.append(quantity_of(meter)) -%}{%- endfor -%}
  {%- do names.append('reported_tokens') -%}
  {{ comma_list(names, alias) }}
{%- endmacro %}

{# The days between a report's first bucket and its last that no delivery holds. A bucket without results is held. #}
{% macro bucket_gaps(source_name) -%}
with delivered as (

    select {{ unnested('deliveries') }} as delivery
    from {{ source('raw', 'files') }}
    where source = '{{ source_name }}'

),

held as (

    select distinct
        coalesce(delivered.delivery.billing_account_id, '') as report,
        cast(delivered.delivery.billing_period_start as date) as held_date
    from delivered
    where delivered.delivery.billing_period_start is not null

),

steps as (

    select
        report,
        held_date,
        lead(held_date) over (partition by report order by held_date) as next_date
    from held
    where report <> '' or not exists (select 1 from held as named where named.report <> '')

)

select
    '{{ source_name }}' as source,
    case when steps.report = '' then '{{ source_name }}' else steps.report end as report,
    days.missing_date
from steps,
    {{ each_day('steps.held_date + 1', "steps.next_date - 1", 'days', 'missing_date') }}
where
    steps.next_date > steps.held_date + 1
    and not exists (select 1 from held as empty where empty.report = '' and empty.held_date = days.missing_date)
{%- endmacro %}
