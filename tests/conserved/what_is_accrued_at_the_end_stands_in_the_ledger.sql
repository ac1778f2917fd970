-- The balance that the accruals end with is the accrued lines of the ledger, vendor by vendor.
with last_month as (

    select
        vendor,
        closing_usd
    from {{ ref('accruals') }}
    qualify row_number() over (partition by vendor order by month desc) = 1

),

ledger as (

    select
        coalesce(vendor, '(unknown)') as vendor,
        sum(effective_cost_usd) as effective_cost_usd
    from {{ ref('fct_cost_lines') }}
    where cost_status = 'accrued'
    group by 1

)

select *
from last_month
full outer join ledger on last_month.vendor = ledger.vendor
where coalesce(last_month.closing_usd, 0) <> coalesce(ledger.effective_cost_usd, 0)
