select
    model_key,
    provider,
    model,
    price_provider,
    price_model,
    price_catalogue,
    unmetered_prices,
    has_price,
    first_used_date,
    last_used_date
from {{ ref('int_models') }}
