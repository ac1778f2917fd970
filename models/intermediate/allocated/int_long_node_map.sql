-- The days of what clouds bill for more than a day, on which OpenCost may see its node.
select distinct
    billed.charge_date as day,
    days.read_day
from (
    select distinct
        charge_date,
        last_charge_date
    from {{ ref('int_long_resources') }}
) as billed,
    {{ each_day('billed.charge_date', 'billed.last_charge_date', 'days', 'read_day') }}
