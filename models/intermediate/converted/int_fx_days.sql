{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The rates that charges need, day by day, so that another rate rebuilds the days it changes and no other.
with charged as (

    select distinct
        charge_date,
        billing_currency as currency
    from {{ ref('int_charge_sums') }}
    union
    select distinct
        charge_date,
        billing_currency as currency
    from {{ ref('int_reservation_days') }}

)

select
    charged.charge_date,
    charged.currency,
    rates.usd_per_unit
from charged
inner join {{ ref('stg_company__fx_rates') }} as rates
    on charged.currency = rates.currency and {{ is_valid('rates', 'charged.charge_date') }}
