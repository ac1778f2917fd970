-- What each call costs: by what bills say, by what was paid ahead, and until its day is billed, as was agreed.
select
    calls.*,
    -- Null where neither a line of a bill nor what was paid ahead pays for the call. Until its day is billed, it is expected to cost what
    -- was agreed.
    case
        when provisioned.call_id is not null then case when provisioned.is_billed then 0 end
        when billed.call_date is null and pools.drawn_cost = pools.pool_cost then 0
        else paid.billed_cost_usd
    end as billed_cost_usd,
    case
        -- At the rate of its day. The nodes' bill is divided exactly by day and target in fct_allocated_costs.
        when calls.pricing_status = 'self_hosted'
            then
                cast({{ served_weight('rates.weighed_by', 'calls', 'hosted') }} * rates.usd_per_weight as {{ money() }})
        when provisioned.call_id is not null then provisioned.used_cost_usd
        when billed.call_date is not null then paid.effective_cost_usd
        when pools.given_cost = pools.pool_cost then 0
        else calls.contracted_cost_usd
    end as effective_cost_usd
from {{ ref('int_calls_priced') }} as calls
left join {{ ref('int_call_costs') }} as paid
    on calls.call_date = paid.call_date and calls.source = paid.source and calls.call_id = paid.call_id
left join {{ ref('int_billed_usage_days') }} as billed on calls.call_date = billed.call_date and calls.provider = billed.provider
left join {{ ref('int_provisioned_calls') }} as provisioned on {{ same_call('calls', 'provisioned') }}
left join {{ ref('int_paid_pools') }} as pools
    on {{ is_of_pool('calls.call_date', 'calls.provider', 'calls.account', 'calls.model', "'USD'") }}
left join {{ ref('int_self_hosted_models') }} as hosted
    on
        calls.pricing_status = 'self_hosted'
        and calls.call_date = hosted.call_date
        and coalesce(calls.provider, '') = coalesce(hosted.provider, '')
        and calls.model = hosted.model
left join {{ ref('int_self_hosted_rates') }} as rates
    on hosted.call_date = rates.call_date and coalesce(hosted.provider, '') = rates.provider and hosted.model = rates.model
