-- Imputed: nobody bills it. A rate of the role goes before one for every role.
with rated as (

    select
        efforts.*,
        cast(efforts.occurred_at as date) as occurred_date,
        rates.usd_per_hour
    from {{ ref('stg_human_effort__efforts') }} as efforts
    left join {{ ref('stg_company__labour_rates') }} as rates
        on
            coalesce(rates.role_name, lower(trim(efforts.role)), '') = coalesce(lower(trim(efforts.role)), '')
            and {{ is_valid('rates', 'cast(efforts.occurred_at as date)') }}
    qualify row_number() over (partition by efforts.file_hash, efforts.file_row order by rates.role_name asc nulls last) = 1

)

select
    effort_id,
    outcome_id,
    trace_id,
    occurred_date,
    {{ month_of('occurred_date') }} as effort_month,
    role,
    minutes,
    case when usd_per_hour is null then 'no labour rate for the role on the day' end as cost_missing_reason,
    -- Half an hour is half of what an hour costs, to the last decimal.
    cast(
        cast(cast({{ times('cast(minutes as ' ~ money() ~ ')', 'usd_per_hour') }} as double) / 60 as decimal(38, 12)) as {{ money() }}
    ) as imputed_cost_usd
from rated
