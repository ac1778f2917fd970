-- Usage as it was priced, and at the price of the standard tier without a cache: what batch and caches save, and a dearer tier costs.
{%- set cached = ['cache_read', 'cache_write_5m', 'cache_write_1h'] %}
with prices as (

    select * from {{ ref('int_model_prices') }}

),

standard as (

    -- Of the standard tier, the price that holds where the range of the own price begins.
    select
        own.call_date,
        own.price_key,
        {% for meter in cached -%}
            standards.input_uncached_list_price as {{ meter }}_list_price,
        {% endfor -%}
        {% for meter in all_meters() if meter not in cached -%}
            standards.{{ meter }}_list_price{% if not loop.last %},{% endif %}
        {% endfor %}
    from prices as own
    inner join prices as standards
        on
            own.call_date = standards.call_date
            and own.model = standards.model
            and coalesce(own.provider, '') = coalesce(standards.provider, '')
            and standards.service_tier = 'standard'
            and own.from_second >= standards.from_second
            and own.from_second < standards.to_second
            and own.input_tokens_over >= standards.input_tokens_over
            and own.input_tokens_over < standards.input_tokens_up_to

)

select
    used.call_date,
    {{ month_of('used.call_date') }} as usage_month,
    coalesce(used.provider, '(unknown)') as vendor,
    used.model,
    used.price_key,
    used.calls,
    {{ metered_cost('used', 'prices') }} as list_cost_usd,
    {{ metered_cost('used', 'standard') }} as standard_cost_usd
from {{ ref('int_usage_by_price') }} as used
inner join prices on used.call_date = prices.call_date and used.price_key = prices.price_key
left join standard on used.call_date = standard.call_date and used.price_key = standard.price_key
