{{ config(materialized='days', day='run_date', meta={'fingerprint': 'content'}) }}

-- What ran on clusters by whose it is. What serves a model of the company's own belongs to its calls; without calls it stays where its
-- labels say.
{%- set whole = 'run_date, run_key' %}
{%- set amounts = cluster_drivers() + ['billed_cost_usd'] %}
{%- set kept = ['run_date', 'run_key', 'cluster', 'node', 'namespace', 'is_idle'] %}
with costs as (

    select * from {{ ref('int_cluster_costs') }}
    where {{ in_days('run_date') }}

),

served as (

    select
        {{ comma_list(kept + amounts, 'costs') }},
        usage.provider,
        usage.model,
        {{ targets('usage') }},
        usage.weight
    from costs
    inner join {{ ref('int_self_hosted_usage') }} as usage
        on costs.run_date = usage.call_date and not costs.is_idle and usage.weight > 0 and {{ serves('costs', 'usage') }}

),

-- Pods that are there to serve, whether or not a call came.
serving as (

    select distinct
        costs.run_date,
        costs.run_key
    from costs
    inner join {{ ref('stg_company__self_hosted_models') }} as hosted
        on not costs.is_idle and {{ is_valid('hosted', 'costs.run_date') }} and {{ serves('costs', 'hosted') }}

),

handed as (

    select distinct
        run_date,
        run_key
    from served

),

{{ exact_ctes(
    'served', 'parts', whole, target_key() ~ " || coalesce(provider, '') || '|' || model",
    kept + ['provider', 'model'] + target_columns(), amounts
) }}

select
    {{ comma_list(kept + ['provider', 'model']) }},
    true as is_serving,
    {{ comma_list(target_columns() + amounts) }}
from parts
union all
select
    {{ comma_list(kept, 'costs') }},
    cast(null as varchar) as provider,
    cast(null as varchar) as model,
    serving.run_key is not null as is_serving,
    {{ comma_list(target_columns() + amounts, 'costs') }}
from costs
left join handed on costs.run_date = handed.run_date and costs.run_key = handed.run_key
left join serving on costs.run_date = serving.run_date and costs.run_key = serving.run_key
where handed.run_key is null
