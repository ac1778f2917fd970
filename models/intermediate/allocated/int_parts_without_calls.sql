{{ config(materialized='days', day='charge_date', day_map='int_charge_day_map') }}
-- depends_on: {{ ref('int_charge_day_map') }}

-- What a line bills for our calls of a bucket that no call is in: all calls of the model in that tier bear it, and where the model has
-- none, as under another name, the vendor's calls of the day.
{%- set line_columns = ['charge_date', 'cost_line_id', 'bucket_key', 'kind', 'call_date', 'vendor'] + allocated_amounts() %}
{%- set model_columns = ['call_date', 'vendor', 'account', 'model', 'service_tier'] %}
with without_calls as (

    select line_parts.*
    from {{ ref('int_line_parts') }} as line_parts
    left join {{ ref('int_bucket_targets') }} as targets on {{ same_bucket('line_parts', 'targets') }}
    where line_parts.kind = 'logged' and targets.call_date is null and {{ in_days('line_parts.charge_date') }}

),

of_models as (

    select
        call_date,
        vendor,
        account,
        model,
        service_tier,
        {{ targets() }},
        sum(contracted_cost_usd) as cost_usd,
        sum(quantity) as quantity
    from {{ ref('int_bucket_targets') }}
    where call_date in (select without_calls.call_date from without_calls)
    group by all

)

select
    {{ comma_list(line_columns, 'line_parts') }},
    {{ targets('of_models') }},
    cast(null as varchar) as reason,
    of_models.cost_usd,
    of_models.quantity
from without_calls as line_parts
inner join of_models on {{ same_columns_of('line_parts', 'of_models', model_columns) }}
union all
select
    {{ comma_list(line_columns, 'line_parts') }},
    {% for column in target_columns() -%}
        coalesce(drivers.{{ column }}, '(unallocated)') as {{ column }},
    {% endfor -%}
    case when drivers.call_date is null then 'no calls on a day of the charge' end as reason,
    drivers.calls_cost as cost_usd,
    coalesce(drivers.calls, 1) as quantity
from without_calls as line_parts
left join of_models on {{ same_columns_of('line_parts', 'of_models', model_columns) }}
left join {{ ref('int_allocation_drivers') }} as drivers
    on line_parts.call_date = drivers.call_date and line_parts.vendor = drivers.vendor
where of_models.call_date is null
