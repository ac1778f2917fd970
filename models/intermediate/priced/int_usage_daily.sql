-- The calls, and where no log has them, what the vendor itself reports of the day.
select
    {{ usage_dimensions() }},
    'call_log' as grain_source,
    price_key,
    commitment_id,
    {{ comma_list(usage_sums()) }}
from {{ ref('int_calls_daily') }}
union all
select
    {{ usage_dimensions() }},
    'vendor_report' as grain_source,
    price_key,
    cast(null as varchar) as commitment_id,
    {{ comma_list(usage_sums()) }}
from {{ ref('int_reported_usage_daily') }}
