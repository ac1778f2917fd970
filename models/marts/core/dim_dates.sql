with bounds as (

    select
        min(first_date) as first_date,
        greatest(max(last_date), cast({{ now_utc() }} as date)) as last_date
    from (
        select
            min(call_date) as first_date,
            max(call_date) as last_date
        from {{ ref('int_usage_daily') }}
        union all
        select
            min(charge_date) as first_date,
            max(charge_date) as last_date
        from {{ ref('int_cost_lines') }}
    ) as ranges

)

select
    days.date_day as calendar_date,
    {{ month_of('days.date_day') }} as month,
    cast(extract(year from days.date_day) as integer) as calendar_year,
    cast(extract(month from days.date_day) as integer) as month_of_year,
    cast(extract(isodow from days.date_day) as integer) as iso_weekday,
    extract(isodow from days.date_day) >= 6 as is_weekend
from bounds, {{ each_day('bounds.first_date', 'bounds.last_date', 'days', 'date_day') }}
