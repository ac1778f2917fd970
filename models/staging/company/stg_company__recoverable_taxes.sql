select
    {{ provider_of('vendor') }} as vendor,
    nullif(trim(account), '') as account,
    recoverable_share,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('recoverable_taxes') }}
