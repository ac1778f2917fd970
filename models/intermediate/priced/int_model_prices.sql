{{ config(materialized='table') }}

-- As known now. Resolved once for each model used on a day, so that calls find their price by equality.
select
    call_date,
    provider,
    model,
    service_tier,
    from_second,
    to_second,
    input_tokens_over,
    input_tokens_up_to,
    price_provider,
    price_model,
    price_catalogue,
    price_key,
    has_contract,
    {% for meter in all_meters() -%}
        {{ meter }}_list_price,
        {{ meter }}_contracted_price{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_price_versions') }}
where has_price and {{ is_known(now_utc()) }}
