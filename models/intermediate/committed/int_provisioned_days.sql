{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- Provisioned throughput whose bill does not spread it, by its days; of today, the hours that have begun. What does not divide is on the
-- first hour. Its capacity is told by the minute.
{%- set today = 'cast(' ~ now_utc() ~ ' as date)' %}
with days as (

    select
        *,
        cast(cast(day_cost as double) / 24 as {{ money() }}) as hour_cost,
        case when charge_date = {{ today }} then extract(hour from {{ now_utc() }}) + 1 else 24 end as begun_hours
    from {{ ref('int_reservation_days') }}
    where kind = 'provisioned_throughput' and not is_amortised_by_bill

)

select
    commitment_id,
    vendor,
    account,
    models,
    billing_currency,
    charge_date,
    is_billed,
    60 * capacity as hour_capacity,
    hour_cost,
    cast(day_cost - 23 * hour_cost as {{ money() }}) as first_hour_cost,
    cast(day_cost - (24 - begun_hours) * hour_cost as {{ money() }}) as day_cost
from days
