-- Issued lines with what became of them; a row for the cost centre goes before one for all.
with statuses as (

    select
        periods.month,
        periods.cost_centre,
        periods.status
    from {{ ref('stg_company__closed_periods') }} as periods
    where {{ is_valid('periods', 'cast(' ~ now_utc() ~ ' as date)') }}

)

select
    lines.*,
    coalesce(own.status, every_one.status, 'issued') as status
from {{ ref('stg_ledger__issued_lines') }} as lines
left join statuses as own on lines.statement_month = own.month and lines.cost_centre = own.cost_centre
left join statuses as every_one on lines.statement_month = every_one.month and every_one.cost_centre is null
