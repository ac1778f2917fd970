-- What else a bucket could have cost at the prices of the book: in another tier, or at the price before or after.
with prices as (

    select distinct
        call_date,
        provider as vendor,
        price_provider,
        price_model,
        service_tier,
        {% for meter in all_meters() -%}
            {{ meter }}_list_price as {{ meter }}_price{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_model_prices') }}
    where from_second = 0 and input_tokens_over = -1

),

variants as (

    select
        ours.call_date,
        ours.vendor,
        ours.price_model,
        ours.service_tier,
        'tier_or_batch' as cause,
        theirs.service_tier as variant,
        {% for meter in all_meters() -%}
            theirs.{{ meter }}_price / nullif(ours.{{ meter }}_price, 0) as {{ meter }}_ratio{% if not loop.last %},{% endif %}
        {% endfor %}
    from prices as ours
    inner join prices as theirs
        on ours.call_date = theirs.call_date and ours.vendor = theirs.vendor and ours.price_model = theirs.price_model
    where ours.service_tier <> theirs.service_tier
    union all
    select
        ours.call_date,
        ours.vendor,
        ours.price_model,
        ours.service_tier,
        'price_drift' as cause,
        'price of ' || book.valid_from as variant,
        {% for meter in all_meters() -%}
            book.{{ meter }}_price / nullif(ours.{{ meter }}_price, 0) as {{ meter }}_ratio{% if not loop.last %},{% endif %}
        {% endfor %}
    from prices as ours
    inner join {{ ref('stg_prices__book') }} as book
        on
            ours.price_provider = book.price_provider
            and ours.price_model = book.price_model
            and ours.service_tier = book.service_tier
            and book.catalogue = 'genai-prices'
            and book.from_second = 0
            and book.input_tokens_over = -1
    where ours.call_date < book.valid_from or ours.call_date >= book.valid_to

)

{% for meter in all_meters() if meter != 'reasoning' -%}
    select
        call_date,
        vendor,
        price_model as model,
        {{ bucket_tier('service_tier') }} as service_tier,
        '{{ meter }}' as token_class,
        cause,
        variant,
        {{ meter }}_ratio as price_ratio
    from variants
    where {{ meter }}_ratio is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
