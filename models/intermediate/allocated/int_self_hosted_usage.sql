-- Whose calls a self-hosted model answered, and what they weigh.
with usage as (

    select
        usage.call_date,
        hosted.cluster,
        hosted.namespace,
        hosted.controller,
        usage.provider,
        usage.model,
        {{ targets('usage') }},
        usage.calls,
        {{ tokens_sum(['output', 'reasoning'], 'usage') }} as output_tokens,
        usage.reference_list_cost_usd,
        usage.gpu_seconds,
        {{ served_weight('usage', 'hosted') }} as weight
    from {{ ref('int_usage_daily') }} as usage
    inner join {{ ref('int_self_hosted_models') }} as hosted
        on
            usage.call_date = hosted.call_date
            and coalesce(usage.provider, '') = coalesce(hosted.provider, '')
            and usage.model = hosted.model
    where usage.pricing_status = 'self_hosted'

),

told as (

    select
        *,
        count(*) over (partition by call_date, cluster, namespace, controller)
        = count(gpu_seconds) over (partition by call_date, cluster, namespace, controller) as is_by_gpu_seconds
    from usage

)

select
    call_date,
    cluster,
    namespace,
    controller,
    provider,
    model,
    is_by_gpu_seconds,
    {{ targets() }},
    cast(sum(calls) as bigint) as calls,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(reference_list_cost_usd) as {{ money() }}) as reference_list_cost_usd,
    -- By GPU seconds where every call there tells them.
    cast(sum(cast(case when is_by_gpu_seconds then gpu_seconds else weight end as {{ money() }})) as {{ money() }}) as weight
from told
group by all
