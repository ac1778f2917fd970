select
    {{ provider_of('provider') }} as provider,
    model,
    meter,
    commitment_tier,
    discount_ratio,
    price_usd,
    price_unit,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('contract_prices') }}
