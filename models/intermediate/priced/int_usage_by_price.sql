-- What a day's priced usage adds up to by the cell of its price: enough to price it by any other version of the book.
select
    call_date,
    provider,
    model,
    price_key,
    cast(sum(calls) as bigint) as calls,
    {% for meter in all_meters() -%}
        cast(sum({{ quantity_of(meter) }}) as {{ sum_type(quantity_of(meter)) }})
            as {{ quantity_of(meter) }}{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_usage_daily') }}
where pricing_status = 'priced' and price_key is not null
group by call_date, provider, model, price_key
