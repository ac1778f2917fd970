-- What each call weighs in the buckets that bills pay for: its cost at our prices, or without a price its tokens.
with calls as (

    select
        calls.call_date,
        calls.source,
        calls.call_id,
        calls.provider as vendor,
        {{ bucket_account('calls', 'told') }} as account,
        coalesce(calls.price_model, calls.model, '(unknown)') as model,
        {{ bucket_tier('calls.service_tier') }} as service_tier,
        {% for meter in all_meters() -%}
            cast(calls.{{ quantity_of(meter) }} as double) as {{ meter }},
            cast(calls.{{ quantity_of(meter) }} as double) * cast(prices.{{ meter }}_list_price as double)
                as {{ meter }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_calls_priced') }} as calls
    left join {{ ref('int_model_prices') }} as prices
        on calls.call_date = prices.call_date and calls.price_key = prices.price_key
    left join {{ ref('int_bucket_accounts') }} as told
        on calls.call_date = told.call_date and calls.provider = told.vendor
    left join {{ ref('int_provisioned_calls') }} as provisioned on {{ same_call('calls', 'provisioned') }}
    where
        calls.provider is not null
        and not calls.is_gateway_cache_hit
        and calls.pricing_status <> 'self_hosted'
        and provisioned.call_id is null

)

{% for meter in all_meters() -%}
    select
        call_date,
        source,
        call_id,
        vendor,
        account,
        model,
        service_tier,
        {{ bucket_class("'" ~ meter ~ "'") }} as token_class,
        {{ meter }} as quantity,
        {{ meter }}_cost as cost_usd
    from calls
    where {{ meter }} > 0
    {{ 'union all' if not loop.last }}
{% endfor %}
