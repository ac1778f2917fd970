{{ config(materialized='days', day='run_date', day_map='int_long_window_map', meta={'fingerprint': 'content'}) }}

-- Each day of OpenCost's longer windows has an exact, even share.
with read_days as (

    select distinct read_day
    from {{ ref('int_long_window_map') }}
    where {{ in_days('day') }}

),

windows_weighed as (

    select
        windows.*,
        days.run_date,
        1 as weight
    from read_days
    inner join {{ ref('int_long_windows') }} as windows on read_days.read_day = windows.charge_date
    cross join {{ each_day(
        'windows.charge_period_start', last_day_of('windows.charge_period_start', 'windows.charge_period_end'), 'days', 'run_date'
    ) }}

),

{{ exact_ctes('windows_weighed', 'divided', 'charge_date, cost_line_id', 'run_date', ['run_date'] + pod_columns(), pod_amounts()) }}

select {{ comma_list(['run_date'] + pod_columns() + pod_amounts()) }} from divided
where {{ in_days('run_date') }}
