-- Reshapes: one row a meter instead of one column, at the book's price of the smallest request: a report tells no sizes.
with prices as (

    select * from {{ ref('int_model_prices') }}
    where from_second = 0 and input_tokens_over = -1

),

usage as (

    select
        usage.*,
        {{ bucket_tier('usage.service_tier') }} as plain_tier
    from {{ ref('int_reported_usage') }} as usage

)

{% for meter in all_meters() -%}
    select
        usage.usage_date as call_date,
        usage.source,
        usage.provider,
        usage.account,
        usage.project,
        usage.api_key,
        usage.model,
        usage.plain_tier as service_tier,
        '{{ meter }}' as token_class,
        usage.environment,
        usage.team,
        usage.product,
        cast(usage.{{ quantity_of(meter) }} as decimal(38, 6)) as quantity,
        cast(usage.{{ quantity_of(meter) }} as double) * prices.{{ meter }}_list_price as book_list_cost_usd,
        cast(usage.{{ quantity_of(meter) }} as double) * prices.{{ meter }}_contracted_price as book_cost_usd
    from usage
    left join prices
        on
            usage.usage_date = prices.call_date
            and usage.provider = prices.provider
            and usage.model = prices.model
            and usage.plain_tier = prices.service_tier
    where usage.{{ quantity_of(meter) }} > 0
    {{ 'union all' if not loop.last }}
{% endfor %}
