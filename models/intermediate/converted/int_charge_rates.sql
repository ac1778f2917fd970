{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The rates that charges take: of an invoice that says when it was written that day's, of what is accrued that of the month's last day
-- that has come, else of the charge's own. What time it is stays in here, so that a later run rebuilds no day without need.
with needed as (

    select distinct
        charge_date,
        billing_currency as currency,
        {{ is_accrued_book('book') }} as is_accrued,
        cast(null as date) as invoice_date
    from {{ ref('int_charge_sums') }}
    union
    select distinct
        charge_date,
        billing_currency as currency,
        cost_status = 'accrued' as is_accrued,
        cast(null as date) as invoice_date
    from {{ ref('int_commitment_lines') }}
    union
    select distinct
        charge_date,
        billing_currency as currency,
        false as is_accrued,
        invoice_date
    from {{ ref('stg_invoices__lines') }}
    where invoice_date is not null

),

dated as (

    select
        *,
        case
            when is_accrued
                then greatest(
                    charge_date, least({{ last_day_of_month(month_of('charge_date')) }}, cast({{ now_utc() }} as date))
                )
            else coalesce(invoice_date, charge_date)
        end as rate_date
    from needed

)

select
    dated.charge_date,
    dated.currency,
    dated.is_accrued,
    dated.invoice_date,
    dated.rate_date,
    rates.usd_per_unit
from dated
inner join {{ ref('stg_company__fx_rates') }} as rates
    on dated.currency = rates.currency and {{ is_valid('rates', 'dated.rate_date') }}
