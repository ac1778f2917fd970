{{ config(materialized='table') }}

-- What the dearest model of a vendor costs, by the catalogue; without a vendor, the dearest of all.
with prices as (

    {% for meter in all_meters() if meter != 'reasoning' -%}
        select
            price_provider,
            '{{ meter }}' as token_class,
            {{ meter }}_price as unit_price
        from {{ ref('stg_prices__book') }}
        where catalogue = 'genai-prices' and {{ is_known(now_utc()) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

named as (

    select
        case when price_provider = 'aws' then 'bedrock' else price_provider end as vendor,
        token_class,
        unit_price
    from prices
    union all
    -- The catalogue has one provider for both of Google's APIs.
    select
        'vertex_ai' as vendor,
        token_class,
        unit_price
    from prices
    where price_provider = 'google'

)

select
    vendor,
    token_class,
    max(unit_price) as dearest_price
from named
where unit_price is not null
group by vendor, token_class
union all
select
    cast(null as varchar) as vendor,
    token_class,
    max(unit_price) as dearest_price
from prices
where unit_price is not null
group by token_class
