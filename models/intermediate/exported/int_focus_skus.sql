{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- A price belongs to one SKU, whatever its bills say: the first by name of those that they give it.
with parents as (

    select
        sku_price_id,
        min(own_sku_id) as sku_id
    from {{ ref('int_focus_charges') }}
    where sku_price_id is not null
    group by sku_price_id

),

days as (

    select distinct
        charge_date,
        sku_price_id
    from {{ ref('int_focus_charges') }}
    where sku_price_id is not null

)

select
    days.charge_date,
    days.sku_price_id,
    parents.sku_id
from days
inner join parents on days.sku_price_id = parents.sku_price_id
