select
    workflow,
    minutes_saved,
    usd_per_hour,
    nullif(trim(signed_off_by), '') as signed_off_by,
    cast(round(cast(minutes_saved as double) * cast(usd_per_hour as double) / 60, 12) as {{ money() }}) as saved_value_usd,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('value_baselines') }}
