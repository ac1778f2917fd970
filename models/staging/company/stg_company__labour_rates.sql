select
    nullif(lower(trim(role)), '') as role_name,
    -- Rounded as a price, before any minutes multiply it.
    cast(round(cast(usd_per_hour as double) / 60, 12) as decimal(18, 12)) as usd_per_minute,
    usd_per_hour,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('labour_rates') }}
