{{ config(materialized='days', day='call_date') }}

with prices as (

    select * from {{ ref('int_model_prices') }}
    where {{ in_days('call_date') }}

),

tiers as (

    -- Any other tier of service (default, auto) is priced as the standard one. Not of the above, as what is read twice is kept whole:
    -- who asks for a few columns of calls would get all.
    select distinct {{ comma_list(['call_date', 'provider', 'model', 'service_tier']) }}
    from {{ ref('int_model_prices') }}
    where {{ in_days('call_date') }}

),

calls as (

    select
        calls.*,
        coalesce(tiers.service_tier, 'standard') as priced_tier,
        {{ seconds_of_day('called_at') }} as called_second,
        coalesce({{ tokens_sum(input_token_classes()) }}, 0) as input_tokens,
        {{ tokens_sum(token_classes()) }} as all_tokens,
        -- Of what the vendor turned away nobody counts tokens.
        calls.status = 'failure' and refused.error_type is not null and coalesce(all_tokens, 0) = 0 as is_refused
    from {{ ref('int_calls_identified') }} as calls
    left join {{ ref('refused_errors') }} as refused on lower({{ matched_group('calls.error_type', '([^.]+)$', 1) }}) = refused.error_type
    left join tiers
        on
            calls.call_date = tiers.call_date
            and coalesce(calls.provider, '') = coalesce(tiers.provider, '')
            and calls.model = tiers.model
            and calls.service_tier = tiers.service_tier
    where {{ in_days('calls.call_date') }}

),

metered as (

    select
        calls.*,
        prices.price_key,
        prices.price_provider,
        prices.price_model,
        hosted.reference_model,
        hosted.model is not null and not coalesce(calls.is_gateway_cache_hit, false) as is_self_hosted,
        case when calls.is_gateway_cache_hit then 0 else {{ metered_cost('calls', 'prices') }} end as metered_list_usd,
        case
            when prices.has_contract and not calls.is_gateway_cache_hit then {{ metered_cost('calls', 'prices', 'contracted') }}
        end as negotiated_usd,
        case
            -- What the gateway answered from its own cache never reached a vendor.
            when calls.is_gateway_cache_hit then null
            -- No vendor has a price for what the company runs itself.
            when hosted.model is not null then null
            when calls.model is null then 'the log names no model'
            -- What was turned away used nothing, whether or not the log says so.
            when
                not calls.is_refused
                and coalesce(calls.all_tokens, calls.images, calls.characters, cast(ceil(calls.seconds) as bigint)) is null
                then 'the log names no usage'
            -- No tokens are no usage of what is priced by something else, if the vendor answered.
            when
                coalesce(prices.images_list_price, prices.characters_list_price, prices.seconds_list_price) is not null
                and calls.status <> 'failure'
                and coalesce(nullif(calls.all_tokens, 0), calls.images, calls.characters, cast(ceil(calls.seconds) as bigint)) is null
                then 'the log names no usage'
            when prices.price_key is null then 'no price is known for this model'
        end as usage_reason
    from calls
    left join prices on {{ is_price_of('prices', 'calls', 'called_second', 'input_tokens') }}
    left join {{ ref('int_self_hosted_models') }} as hosted
        on
            calls.call_date = hosted.call_date
            and coalesce(calls.provider, '') = coalesce(hosted.provider, '')
            and calls.model = hosted.model

)

select
    {{ call_columns() }},
    {{ targets() }},
    {{ comma_list(attributed_by_columns()) }},
    {{ comma_list(sighting_columns()) }},
    all_tokens,
    is_refused,
    {{ has_token_mismatch() }} as has_token_mismatch,
    case when is_gateway_cache_hit or is_self_hosted then null else price_key end as price_key,
    price_provider,
    price_model,
    case
        when usage_reason is not null or is_self_hosted then usage_reason
        when metered_list_usd is null then 'no price is known for a meter that was used'
    end as unpriced_reason,
    case when is_self_hosted then 'self_hosted' when unpriced_reason is null then 'priced' else 'unpriced' end as pricing_status,
    case when pricing_status = 'priced' then metered_list_usd end as list_cost_usd,
    -- Without a negotiated price, the public one is what is owed.
    case when pricing_status = 'priced' then coalesce(negotiated_usd, metered_list_usd) end as contracted_cost_usd,
    case when is_self_hosted and reference_model is not null then metered_list_usd end as reference_list_cost_usd
from metered
