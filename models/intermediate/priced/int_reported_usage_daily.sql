{{ config(materialized='days', day='call_date') }}

-- Only where no call of that vendor was logged on the day, as both would count twice; but always what no log can tell.
with logged as (

    select distinct {{ comma_list(['call_date', 'provider']) }}
    from {{ ref('int_calls_daily') }}
    -- What the company runs itself may be logged under the name of the API that it speaks.
    where {{ reached_a_vendor() }} and {{ in_days('call_date') }}

),

prices as (

    select * from {{ ref('int_model_prices') }}
    where {{ in_days('call_date') }}

),

tiers as (

    -- Any other tier of service (default, auto) is priced as the standard one.
    select distinct {{ comma_list(['call_date', 'provider', 'model', 'service_tier']) }}
    from prices

),

usage as (

    select
        usage.*,
        coalesce(tiers.service_tier, 'standard') as priced_tier,
        usage.usage_date as call_date,
        {{ tokens_sum(token_classes(), 'usage') }} as all_tokens,
        {{ seconds_of_day('usage.bucket_start') }} as bucket_second,
        -- A request's own size is not told: it is taken for one of the smallest context that the report tells.
        greatest(coalesce(usage.context_tokens, 0), 1) as least_tokens
    from {{ ref('int_reported_usage') }} as usage
    left join logged on usage.usage_date = logged.call_date and usage.provider = logged.provider
    left join tiers
        on
            usage.usage_date = tiers.call_date
            and usage.provider = tiers.provider
            and usage.model = tiers.model
            and usage.service_tier = tiers.service_tier
    where (logged.call_date is null or {{ has_report_meter('usage') }}) and {{ in_days('usage.usage_date') }}

),

metered as (

    select
        usage.*,
        prices.price_key,
        {% for basis in metered_bases() -%}
            {% for meter in all_meters() -%}
                {{ meter_cost('usage', 'prices', meter, basis) }} as {{ meter }}_{{ basis }}_cost_usd,
            {% endfor -%}
            {{ metered_cost('usage', 'prices', basis) }} as metered_{{ basis }}_usd,
        {% endfor -%}
        case
            when {{ has_report_meter('usage') }} then 'no price is known for a meter that was used'
            when usage.model is null then 'the report names no model'
            when prices.price_key is null then 'no price is known for this model'
            when {{ metered_cost('usage', 'prices') }} is null then 'no price is known for a meter that was used'
        end as unpriced_reason
    from usage
    left join prices on {{ is_price_of('prices', 'usage', 'bucket_second', 'least_tokens') }}

),

described as (

    select
        *,
        cast(null as varchar) as api_key_alias,
        'unknown' as status,
        case when unpriced_reason is null then 'priced' else 'unpriced' end as pricing_status,
        {% for basis in metered_bases() -%}
            case when unpriced_reason is null then metered_{{ basis }}_usd end as {{ basis }}_cost_usd,
        {% endfor -%}
        cast(null as {{ ratio() }}) as sample_rate
    from metered

)

select
    {{ usage_dimensions(from_calls=true) }},
    {{ comma_list(attributed_by_columns(allocation_targets())) }},
    price_key,
    cast(coalesce(sum(requests) filter (where has_token_mismatch), 0) as bigint) as mismatched_calls,
    cast(0 as bigint) as traced_calls,
    {% for meter in all_meters() -%}
        cast(sum({{ quantity_of(meter) }}) as {{ sum_type(quantity_of(meter)) }}) as {{ quantity_of(meter) }},
        {% for basis in metered_bases() -%}
            cast(sum({{ meter }}_{{ basis }}_cost_usd) filter (where pricing_status = 'priced') as {{ money() }})
                as {{ meter }}_{{ basis }}_cost_usd,
        {% endfor -%}
    {% endfor -%}
    {{ whole_sums(report_meters()) }},
    {% for seen in ['', 'estimated_'] -%}
        cast(sum(requests) as bigint) as {{ seen }}calls,
        cast(sum(all_tokens) as bigint) as {{ seen }}all_tokens,
        cast(sum(list_cost_usd) as {{ money() }}) as {{ seen }}list_cost_usd,
        cast(sum(contracted_cost_usd) as {{ money() }}) as {{ seen }}contracted_cost_usd,
    {% endfor -%}
    {{ untold_sums('traced_contracted_cost_usd', 'reported_cost_usd', 'reference_list_cost_usd', 'gpu_seconds') }}
from described
group by all
