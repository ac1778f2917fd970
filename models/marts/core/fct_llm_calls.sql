{{ config(materialized='days', day='call_date') }}

with costs as (

    select * from {{ ref('int_call_costs') }}
    where {{ in_days('call_date') }}

),

billed as (

    select
        call_date,
        provider
    from {{ ref('int_billed_usage_days') }}
    where {{ in_days('call_date') }}

)

select
    calls.call_id,
    calls.trace_id,
    calls.parent_id,
    calls.retry_of,
    calls.response_id,
    calls.request_id,
    calls.called_at,
    calls.ended_at,
    calls.call_date,
    calls.source,
    calls.seen_by,
    calls.provider,
    calls.model,
    calls.account,
    calls.api_key,
    calls.api_key_alias,
    calls.service_tier,
    calls.status,
    {{ targets('calls') }},
    calls.user_id,
    calls.prompt_version,
    {{ comma_list(attributed_by_columns(), 'calls') }},
    calls.pricing_status,
    calls.unpriced_reason,
    calls.price_provider,
    calls.price_model,
    calls.file_hash as source_file_hash,
    calls.file_row as source_row,
    calls.is_gateway_cache_hit,
    calls.has_token_mismatch,
    calls.has_conflicting_sightings,
    calls.sighting_count,
    calls.sample_rate,
    {% for meter in all_meters() -%}
        calls.{{ quantity_of(meter) }},
    {% endfor -%}
    calls.reported_tokens,
    calls.reported_cost_usd as gateway_cost_usd,
    calls.list_cost_usd,
    calls.contracted_cost_usd,
    -- Null where neither a line of a bill nor what was paid ahead pays for the call. Until its day is billed, it is expected to cost what
    -- was agreed.
    case
        when provisioned.call_id is not null then case when provisioned.is_billed then 0 end
        when billed.call_date is null and pools.drawn_cost = pools.pool_cost then 0
        else costs.billed_cost_usd
    end as billed_cost_usd,
    case
        when provisioned.call_id is not null then provisioned.used_cost_usd
        when billed.call_date is not null then costs.effective_cost_usd
        when pools.given_cost = pools.pool_cost then 0
        else calls.contracted_cost_usd
    end as effective_cost_usd
from {{ ref('int_calls_priced') }} as calls
left join costs on calls.call_date = costs.call_date and calls.source = costs.source and calls.call_id = costs.call_id
left join billed on calls.call_date = billed.call_date and calls.provider = billed.provider
left join {{ ref('int_provisioned_calls') }} as provisioned on {{ same_call('calls', 'provisioned') }}
left join {{ ref('int_paid_pools') }} as pools
    on {{ is_of_pool('calls.call_date', 'calls.provider', 'calls.account', 'calls.model', "'USD'") }}
where {{ in_days('calls.call_date') }}
