-- What ran on clusters by month. Tokens and the API's price are those of the days on which OpenCost saw what served them.
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
        sum(coalesce(billed_cost_usd, kubernetes_cost)) filter (where model is not null) as serving_cost_usd
    from {{ ref('int_cluster_parts') }}
    group by all

),

served as (

    select distinct
        run_date,
        cluster,
        namespace,
        provider,
        model
    from {{ ref('int_cluster_parts') }}
    where model is not null

),

usage as (

    select
        {{ month_of('usage.call_date') }} as month,
        usage.cluster,
        usage.namespace,
        sum(usage.calls) as call_count,
        sum(usage.output_tokens) as output_tokens,
        -- Of all calls or of none: a part of them would make the API look cheap.
        case when count(*) = count(usage.reference_list_cost_usd) then sum(usage.reference_list_cost_usd) end as reference_list_cost_usd
    from {{ ref('int_self_hosted_usage') }} as usage
    inner join served
        on
            usage.call_date = served.run_date
            and usage.cluster = served.cluster
            and usage.namespace = served.namespace
            and usage.model = served.model
            and coalesce(usage.provider, '') = coalesce(served.provider, '')
    group by all

),

compared as (

    select
        costs.*,
        usage.call_count,
        usage.output_tokens,
        usage.reference_list_cost_usd,
        {{ share_of(
            'sum(case when costs.is_idle then 0 else costs.gpu_hours end) over (partition by costs.month, costs.cluster)',
            'sum(costs.gpu_hours) over (partition by costs.month, costs.cluster)'
        ) }} as utilisation_ratio,
        cast(costs.serving_cost_usd as double) / nullif(cast(usage.reference_list_cost_usd as double), 0) as break_even
    from costs
    left join usage
        on
            not costs.is_idle
            and costs.month = usage.month
            and costs.cluster = usage.cluster
            and costs.namespace = usage.namespace

)

select
    md5(month || '|' || cluster || '|' || namespace) as gpu_utilisation_key,
    month,
    cluster,
    namespace,
    models,
    case
        when break_even > 1 then 'dearer at full use'
        when break_even > utilisation_ratio then 'cheaper above break-even'
        when break_even <= utilisation_ratio then 'cheaper as used'
    end as owning,
    is_idle,
    cast(node_count as bigint) as node_count,
    cast(call_count as bigint) as call_count,
    cast(output_tokens as bigint) as output_tokens,
    gpu_hours,
    utilisation_ratio,
    cast(case when break_even <= 1 then break_even end as {{ ratio() }}) as break_even_utilisation_ratio,
    cast(opencost_cost_usd as {{ money() }}) as opencost_cost_usd,
    cast(effective_cost_usd as {{ money() }}) as effective_cost_usd,
    cast(bill_difference_usd as {{ money() }}) as bill_difference_usd,
    {{ per_unit('effective_cost_usd', 'gpu_hours') }} as gpu_hour_cost_usd,
    {{ per_unit('effective_cost_usd', 'cast(gpu_hours as double) * utilisation_ratio') }} as used_gpu_hour_cost_usd,
    cast(serving_cost_usd as {{ money() }}) as serving_cost_usd,
    cast(reference_list_cost_usd as {{ money() }}) as reference_list_cost_usd,
    {{ per_unit('serving_cost_usd', 'output_tokens / 1000000 * utilisation_ratio') }} as million_output_tokens_as_used_usd,
    {{ per_unit('serving_cost_usd', 'output_tokens / 1000000') }} as million_output_tokens_at_full_use_usd,
    {{ per_unit('reference_list_cost_usd', 'output_tokens / 1000000') }} as million_output_tokens_reference_usd
from compared
