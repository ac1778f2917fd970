select
    model_key,
    provider,
    model,
    price_provider,
    price_model,
    has_price,
    first_used_date,
    last_used_date
from {{ ref('int_models') }}
