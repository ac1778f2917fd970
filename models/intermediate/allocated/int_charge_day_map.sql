-- The days whose usage decides how the charges of a day are shared, where those reach beyond the day itself.
select distinct
    lines.charge_date as day,
    days.part_date as read_day
from (
    select distinct
        charge_date,
        charge_period_start,
        charge_period_end
    from {{ ref('int_cost_lines') }}
    where source <> 'metered' and charge_period_end > cast(charge_date + 1 as timestamp)
) as lines,
    {{ each_day('lines.charge_period_start', last_day_of('lines.charge_period_start', 'lines.charge_period_end'), 'days', 'part_date') }}
