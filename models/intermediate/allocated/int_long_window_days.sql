{{ config(materialized='table', meta={'fingerprint_days': ['run_date'], 'has_own_days': true}) }}

-- Each day of OpenCost's longer windows has an exact, even share.
with windows_weighed as (

    select
        windows.*,
        days.run_date,
        1 as weight
    from {{ ref('int_long_windows') }} as windows,
        {{ each_day(
            'windows.charge_period_start', last_day_of('windows.charge_period_start', 'windows.charge_period_end'), 'days', 'run_date'
        ) }}

),

{{ exact_ctes('windows_weighed', 'divided', 'charge_date, cost_line_id', 'run_date', ['run_date'] + pod_columns(), pod_amounts()) }}

select {{ comma_list(['run_date'] + pod_columns() + pod_amounts()) }} from divided
