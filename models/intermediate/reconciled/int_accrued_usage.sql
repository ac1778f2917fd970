-- Metered usage that no bill shows yet, by target. What has no price cannot be accrued.
select usage.*
from {{ ref('int_usage_daily_by_meter') }} as usage
left join {{ ref('int_billed_usage_days') }} as billed on usage.call_date = billed.call_date and usage.provider = billed.provider
where billed.call_date is null and usage.list_cost_usd is not null
