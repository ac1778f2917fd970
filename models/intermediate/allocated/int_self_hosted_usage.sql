-- Whose calls a self-hosted model answered, and what they weigh.
with usage as (

    select
        usage.*,
        hosted.cluster,
        hosted.namespace,
        hosted.controller,
        hosted.input_weight,
        hosted.output_weight,
        bool_or(hosted.controller is null) over (partition by usage.call_date, hosted.cluster, hosted.namespace) as is_one_pool
    from {{ ref('int_usage_daily') }} as usage
    inner join {{ ref('int_self_hosted_models') }} as hosted
        on
            usage.call_date = hosted.call_date
            and coalesce(usage.provider, '') = coalesce(hosted.provider, '')
            and usage.model = hosted.model
    where usage.pricing_status = 'self_hosted'

),

counted as (

    select
        call_date,
        cluster,
        namespace,
        case when not is_one_pool then controller end as pool_controller,
        count(*) as all_count,
        count(gpu_seconds) as timed_count,
        count(output_weight) as weighted_count,
        count(*) filter (where all_tokens > 0 and reference_list_cost_usd is null) as unpriced_count
    from usage
    group by all

),

-- All that shares pods on a day is weighed in one way, the first that knows all of it.
told as (

    select
        usage.*,
        case
            when counted.timed_count = counted.all_count then 'gpu_seconds'
            when counted.weighted_count = counted.all_count then 'weights'
            when counted.unpriced_count = 0 then 'reference'
            else 'tokens'
        end as weighed_by
    from usage
    inner join counted
        on
            usage.call_date = counted.call_date
            and usage.cluster = counted.cluster
            and usage.namespace = counted.namespace
            and (usage.is_one_pool or coalesce(usage.controller, '') = coalesce(counted.pool_controller, ''))

)

select
    {{ comma_list(['call_date', 'cluster', 'namespace', 'controller', 'provider', 'model', 'weighed_by'] + target_columns(), 'told') }},
    cast(sum(told.calls) as bigint) as calls,
    cast(sum({{ tokens_sum(['output', 'reasoning'], 'told') }}) as bigint) as output_tokens,
    cast(sum(told.reference_list_cost_usd) as {{ money() }}) as reference_list_cost_usd,
    cast(sum(cast({{ served_weight('told.weighed_by', 'told', 'told') }} as {{ money() }})) as {{ money() }}) as weight
from told
group by all
