-- The lowest and the highest price of a bucket, where the size or the time of a request makes a difference.
with prices as (

    select
        call_date,
        provider as vendor,
        price_model as model,
        {{ bucket_tier('service_tier') }} as service_tier,
        {% for meter in all_meters() -%}
            min({{ meter }}_contracted_price) as {{ meter }}_lowest,
            max({{ meter }}_contracted_price) as {{ meter }}_highest{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_model_prices') }}
    group by 1, 2, 3, 4

)

{% for meter in all_meters() if meter != 'reasoning' -%}
    select
        call_date,
        vendor,
        model,
        service_tier,
        '{{ meter }}' as token_class,
        {{ meter }}_lowest as lowest_price,
        {{ meter }}_highest as highest_price
    from prices
    where {{ meter }}_lowest < {{ meter }}_highest
    {{ 'union all' if not loop.last }}
{% endfor %}
