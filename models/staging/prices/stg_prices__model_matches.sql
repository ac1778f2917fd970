-- One provider may be logged under several names.
select
    coalesce({{ provider_of('provider') }}, '') as provider,
    model,
    min(price_provider) as price_provider,
    min(price_model) as price_model,
    min(litellm_model) as litellm_model,
    min(unmetered_prices) as unmetered_prices,
    min(paid_provider) as paid_provider
from {{ source('raw', 'model_matches') }}
group by all
