-- What the dearest model of a vendor costs, by the catalogue; without a vendor, the dearest of all.
with prices as (

    {% for meter in all_meters() if meter != 'reasoning' -%}
        select
            case when price_provider = 'aws' then 'bedrock' else price_provider end as vendor,
            '{{ meter }}' as token_class,
            {{ meter }}_price as unit_price
        from {{ ref('stg_prices__book') }}
        where catalogue = 'genai-prices' and {{ is_known(now_utc()) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    vendor,
    token_class,
    max(unit_price) as dearest_price
from prices
group by grouping sets ((vendor, token_class), (token_class))
having max(unit_price) is not null
