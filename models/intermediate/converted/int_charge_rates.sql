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
        not is_billed as is_accrued,
        cast(null as date) as invoice_date
    from {{ ref('int_reservation_days') }}
    union
    -- What it was accrued at until the bill came stays known.
    select distinct
        charge_date,
        billing_currency as currency,
        true as is_accrued,
        cast(null as date) as invoice_date
    from {{ ref('int_reservation_days') }}
    where {{ last_day_of_month(month_of('charge_date')) }} < cast({{ now_utc() }} as date)
    union
    -- A balance may be lost when it expires; a minimum may lack something on its last day.
    select distinct
        case when kind = 'prepaid' then ends_on else ends_on - 1 end as charge_date,
        billing_currency as currency,
        kind = 'spend_minimum' as is_accrued,
        cast(null as date) as invoice_date
    from {{ ref('int_commitments') }}
    where kind in ('prepaid', 'spend_minimum') and ends_on <= cast({{ now_utc() }} as date)
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
