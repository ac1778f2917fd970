{{ config(meta={'has_own_days': true}) }}

-- On which days the windows began that a day is part of.
select distinct
    days.run_date as day,
    windows.charge_date as read_day
from (
    select distinct
        charge_date,
        charge_period_start,
        charge_period_end
    from {{ ref('int_long_windows') }}
) as windows,
    {{ each_day(
        'windows.charge_period_start', last_day_of('windows.charge_period_start', 'windows.charge_period_end'), 'days', 'run_date'
    ) }}
