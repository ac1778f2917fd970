{{ config(materialized='days', day='call_date') }}

with prices as (

    select * from {{ ref('int_model_prices') }}
    where {{ in_days('call_date') }}

),

tiers as (

    select distinct
        call_date,
        service_tier
    from prices

),

calls as (

    select
        calls.*,
        -- A tier that the price book does not know (default, auto) is priced as the standard one.
        coalesce(tiers.service_tier, 'standard') as priced_tier,
        {{ seconds_of_day('called_at') }} as called_second,
        coalesce({{ tokens_sum(input_token_classes()) }}, 0) as input_tokens,
        {{ tokens_sum(token_classes()) }} as all_tokens
    from {{ ref('int_calls_identified') }} as calls
    left join tiers on calls.call_date = tiers.call_date and calls.service_tier = tiers.service_tier
    where {{ in_days('calls.call_date') }}

),

metered as (

    select
        calls.*,
        prices.price_key,
        prices.price_provider,
        prices.price_model,
        case when calls.is_gateway_cache_hit then 0 else {{ metered_cost('calls', 'prices') }} end as metered_cost_usd,
        case
            -- What the gateway answered from its own cache never reached a vendor.
            when calls.is_gateway_cache_hit then null
            when calls.model is null then 'the log names no model'
            when coalesce(calls.all_tokens, calls.images, calls.characters, cast(ceil(calls.seconds) as bigint)) is null
                then 'the log names no usage'
            when prices.price_key is null then 'no price is known for this model'
            when {{ metered_cost('calls', 'prices') }} is null then 'no price is known for a meter that was used'
        end as unpriced_reason
    from calls
    left join prices
        on
            calls.call_date = prices.call_date
            and coalesce(calls.provider, '') = coalesce(prices.provider, '')
            and calls.model = prices.model
            and calls.priced_tier = prices.service_tier
            and calls.called_second >= prices.from_second
            and calls.called_second < prices.to_second
            and calls.input_tokens > prices.input_tokens_over
            and calls.input_tokens <= prices.input_tokens_up_to

)

select
    {{ call_columns() }},
    {{ targets() }},
    {{ comma_list(attributed_by_columns()) }},
    {{ comma_list(sighting_columns()) }},
    all_tokens,
    {{ has_token_mismatch() }} as has_token_mismatch,
    case when is_gateway_cache_hit then null else price_key end as price_key,
    price_provider,
    price_model,
    case when unpriced_reason is null then 'priced' else 'unpriced' end as pricing_status,
    unpriced_reason,
    case when unpriced_reason is null then metered_cost_usd end as list_cost_usd,
    -- Without a negotiated price, the public one is what is owed.
    case when unpriced_reason is null then metered_cost_usd end as contracted_cost_usd
from metered
