-- What a unit of weight of a self-hosted model's calls costs on a day: what bills say of its pods, else what OpenCost says.
with costs as (

    select
        run_date as call_date,
        coalesce(provider, '') as provider,
        model,
        sum(coalesce(billed_cost_usd, kubernetes_cost)) as effective_cost_usd
    from {{ ref('int_cluster_parts') }}
    where model is not null
    group by all

),

usage as (

    select
        call_date,
        coalesce(provider, '') as provider,
        model,
        weighed_by,
        sum(weight) as weight
    from {{ ref('int_self_hosted_usage') }}
    group by all

)

select
    usage.call_date,
    usage.provider,
    usage.model,
    usage.weighed_by,
    cast(costs.effective_cost_usd as double) / nullif(cast(usage.weight as double), 0) as usd_per_weight
from usage
inner join costs on usage.call_date = costs.call_date and usage.provider = costs.provider and usage.model = costs.model
