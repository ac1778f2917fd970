-- What pods cost, and what of the nodes' bill is theirs, is handed to calls to the last decimal; and the mart leaves nothing out.
with parts as (

    select
        run_date,
        run_key,
        {% for amount in cluster_drivers() + ['billed_cost_usd'] -%}
            sum({{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_cluster_parts') }}
    group by run_date, run_key

),

expected_sums as (

    select
        {{ month_of('run_date') }} as month,
        sum(coalesce(billed_cost_usd, kubernetes_cost)) as effective_cost_usd
    from {{ ref('int_cluster_costs') }}
    group by {{ month_of('run_date') }}

),

mart_sums as (

    select
        month,
        sum(effective_cost_usd) as effective_cost_usd
    from {{ ref('gpu_utilisation') }}
    group by month

)

select
    whole.run_date,
    whole.run_key
from {{ ref('int_cluster_costs') }} as whole
full outer join parts on whole.run_date = parts.run_date and whole.run_key = parts.run_key
where
    whole.run_key is null
    {%- for amount in cluster_drivers() + ['billed_cost_usd'] %}
        or whole.{{ amount }} is distinct from parts.{{ amount }}
    {%- endfor %}
union all
select
    expected_sums.month as run_date,
    'gpu_utilisation' as run_key
from expected_sums
full outer join mart_sums on expected_sums.month = mart_sums.month
where expected_sums.effective_cost_usd is distinct from mart_sums.effective_cost_usd
