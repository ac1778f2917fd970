select
    {{ provider_of('vendor') }} as vendor,
    source,
    bill_provider,
    bill_service,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('billing_sources') }}
