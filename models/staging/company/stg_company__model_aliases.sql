select
    {{ provider_of('provider') }} as provider,
    name,
    {{ provider_of('to_provider') }} as to_provider,
    to_model,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('model_aliases') }}
