select
    nullif(lower(trim(role)), '') as role_name,
    usd_per_hour,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('labour_rates') }}
