select
    {{ provider_of('provider') }} as provider,
    model,
    min(price_provider) as price_provider,
    min(price_model) as price_model
from {{ source('raw', 'model_matches') }}
group by all
