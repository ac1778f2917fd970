-- The usage of a vendor whose calls are known is spread over those; what is unused no call used. What served a model of the company's own
-- goes to its calls, whatever its labels say.
with lines as (

    select
        lines.*,
        {{ own_part('lines') }} as own_part
    from {{ ref('int_cost_lines') }} as lines
    where lines.source not in ('metered', 'opencost') and lines.charge_category = 'Usage'

)

select distinct
    lines.charge_date,
    lines.cost_line_id,
    lines.vendor,
    false as is_served
from lines
inner join {{ ref('int_allocation_drivers') }} as drivers
    on
        lines.vendor = drivers.vendor
        and drivers.call_date between lines.charge_date
        and {{ last_day_of('lines.charge_period_start', 'lines.charge_period_end') }}
where lines.own_part is null
union all
select
    charge_date,
    cost_line_id,
    pool as vendor,
    true as is_served
from {{ ref('int_served_charges') }}
