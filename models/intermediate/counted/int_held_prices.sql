select
    cast(known_from as date) as finding_date,
    catalogue,
    price_provider || ' ' || price_model || ': ' || price || ' USD for ' || {{ joined_distinct('meter') }}
    || coalesce(', known as ' || max(known_price), '') as subject
from {{ ref('stg_prices__held') }}
group by cast(known_from as date), catalogue, price_provider, price_model, price
