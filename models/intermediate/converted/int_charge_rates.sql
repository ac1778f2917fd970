{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The rates that charges take, by the day whose rate it is: of an invoice that says when it was written that day's, of what is accrued
-- the month's end or now, else the charge's own.
with needed as (

    select distinct
        charge_date,
        billing_currency as currency,
        case when {{ is_accrued_book('book') }} then {{ accrual_rate_day('charge_date') }} else charge_date end as needed_date
    from {{ ref('int_charge_sums') }}
    union
    select distinct
        charge_date,
        billing_currency as currency,
        case when cost_status = 'accrued' then {{ accrual_rate_day('charge_date') }} else charge_date end as needed_date
    from {{ ref('int_commitment_lines') }}
    union
    select distinct
        charge_date,
        billing_currency as currency,
        invoice_date as needed_date
    from {{ ref('stg_invoices__lines') }}
    where invoice_date is not null

)

select
    needed.charge_date,
    needed.currency,
    needed.needed_date,
    rates.usd_per_unit
from needed
inner join {{ ref('stg_company__fx_rates') }} as rates
    on needed.currency = rates.currency and {{ is_valid('rates', 'needed.needed_date') }}
