-- The calls, and where no log has them, what the vendor itself reports of the day. What named a call's targets stands with the call.
{%- set of_reports = attributed_by_columns(allocation_targets()) %}
select
    {{ usage_dimensions() }},
    'call_log' as grain_source,
    {{ untold(*of_reports) }},
    price_key,
    commitment_id,
    {{ untold_sums(*report_meters()) }},
    {{ comma_list(usage_sums()) }}
from {{ ref('int_calls_daily') }}
union all
select
    {{ usage_dimensions() }},
    'vendor_report' as grain_source,
    {{ comma_list(of_reports) }},
    price_key,
    cast(null as varchar) as commitment_id,
    {{ comma_list(report_meters() + usage_sums()) }}
from {{ ref('int_reported_usage_daily') }}
