{{ config(materialized='days', day='charge_date', meta={'fingerprint': 'content'}) }}

-- What clouds bill for more than a day, by the name that a node would have.
with charges as (

    select
        charge_date,
        {{ last_day_of('charge_period_start', 'charge_period_end') }} as last_charge_date,
        {{ node_name('resource_id') }} as node_name
    from {{ ref('int_charges') }}
    where book in ('cloud_bill', 'native_bill') and {{ in_days('charge_date') }}

)

select distinct *
from charges
where last_charge_date > charge_date and node_name is not null
