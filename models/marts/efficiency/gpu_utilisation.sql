-- What ran on clusters by month. Tokens and the API's price are those of the days on which OpenCost saw what served them.
with served as (

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
        ran.*,
        usage.call_count,
        usage.output_tokens,
        usage.reference_list_cost_usd,
        -- The idle row is borne by the others.
        case when not ran.is_idle then cast(ran.effective_cost_usd as double) * (1 + ran.idle_per_used) end
            as effective_with_idle_usd,
        cast(ran.serving_cost_usd as double) * (1 + ran.idle_per_used) as serving_with_idle_usd,
        cast(ran.serving_cost_usd as double) * ran.idle_per_used as serving_idle_usd,
        cast(usage.reference_list_cost_usd - ran.serving_cost_usd as double) as saved_at_full_use_usd
    from {{ ref('int_cluster_months') }} as ran
    left join usage
        on
            not ran.is_idle
            and ran.month = usage.month
            and ran.cluster = usage.cluster
            and ran.namespace = usage.namespace

)

select
    md5(month || '|' || cluster || '|' || namespace) as gpu_utilisation_key,
    month,
    cluster,
    namespace,
    models,
    case
        when serving_cost_usd > reference_list_cost_usd then 'dearer at full use'
        when serving_with_idle_usd > reference_list_cost_usd then 'cheaper above break-even'
        when serving_with_idle_usd <= reference_list_cost_usd then 'cheaper as used'
    end as owning,
    is_idle,
    cast(node_count as bigint) as node_count,
    cast(call_count as bigint) as call_count,
    cast(output_tokens as bigint) as output_tokens,
    gpu_hours,
    utilisation_ratio,
    -- What is idle costs in proportion to its hours: so many that with them the calls cost what the API would take.
    case
        when serving_cost_usd > reference_list_cost_usd then null
        when serving_idle_usd > 0 and utilisation_ratio < 1
            then {{ share_of(
                'serving_idle_usd * utilisation_ratio',
                'serving_idle_usd * utilisation_ratio + saved_at_full_use_usd * (1 - utilisation_ratio)'
            ) }}
        else {{ share_of('serving_cost_usd', 'reference_list_cost_usd') }}
    end as break_even_utilisation_ratio,
    cast(opencost_cost_usd as {{ money() }}) as opencost_cost_usd,
    cast(effective_cost_usd as {{ money() }}) as effective_cost_usd,
    cast(bill_difference_usd as {{ money() }}) as bill_difference_usd,
    {{ per_unit('effective_cost_usd', 'gpu_hours') }} as gpu_hour_cost_usd,
    {{ per_unit('effective_with_idle_usd', 'gpu_hours') }} as used_gpu_hour_cost_usd,
    cast(serving_cost_usd as {{ money() }}) as serving_cost_usd,
    cast(reference_list_cost_usd as {{ money() }}) as reference_list_cost_usd,
    {{ per_unit('serving_with_idle_usd', 'output_tokens / 1000000') }} as million_output_tokens_as_used_usd,
    {{ per_unit('serving_cost_usd', 'output_tokens / 1000000') }} as million_output_tokens_at_full_use_usd,
    {{ per_unit('reference_list_cost_usd', 'output_tokens / 1000000') }} as million_output_tokens_reference_usd
from compared
