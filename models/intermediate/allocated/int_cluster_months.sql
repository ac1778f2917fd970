-- What ran on clusters by month, and what of what is idle each part of it bears.
with costs as (

    select
        {{ month_of('run_date') }} as month,
        cluster,
        case when is_idle then '(idle)' else coalesce(namespace, '(unknown)') end as namespace,
        is_idle,
        {{ joined_distinct('model') }} as models,
        count(distinct node) as node_count,
        cast(sum(gpu_seconds) / 3600 as {{ money() }}) as gpu_hours,
        sum(kubernetes_cost) as opencost_cost_usd,
        sum(coalesce(billed_cost_usd, kubernetes_cost)) as effective_cost_usd,
        sum(billed_cost_usd - kubernetes_cost) as bill_difference_usd,
        -- Also on days without a call: pods that wait for calls cost what they cost.
        sum(coalesce(billed_cost_usd, kubernetes_cost)) filter (where is_serving) as serving_cost_usd
    from {{ ref('int_cluster_parts') }}
    group by all

)

select
    *,
    {{ share_of(
        'sum(case when is_idle then 0 else gpu_hours end) over (partition by month, cluster)',
        'sum(gpu_hours) over (partition by month, cluster)'
    ) }} as utilisation_ratio,
    -- What a dollar of what is used in the cluster bears of what is idle there.
    cast(sum(case when is_idle then effective_cost_usd else 0 end) over (partition by month, cluster) as double)
    / nullif(cast(sum(case when is_idle then 0 else effective_cost_usd end) over (partition by month, cluster) as double), 0)
        as idle_per_used
from costs
