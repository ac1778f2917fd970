{{ config(materialized='table') }}

-- When a bill first showed a charge: a delivery when it was exported, an invoice when it was first seen, whatever else began on that day.
with deliveries as (

    select
        source,
        charge_date,
        billing_account_id,
        min(arrived_at) as arrived_at
    from {{ ref('stg_files__deliveries') }}
    group by source, charge_date, billing_account_id

),

invoices as (

    select
        lines.vendor,
        lines.charge_date,
        coalesce(lines.billing_account_id, '') as billing_account_id,
        lines.charge_category,
        min(arrivals.first_seen_at) as first_seen_at
    from {{ ref('int_charges') }} as lines
    inner join {{ ref('stg_invoices__arrivals') }} as arrivals
        on lower(trim(lines.provider)) = arrivals.vendor_key and lines.invoice_id = arrivals.invoice_id
    where lines.source = 'invoices'
    group by lines.vendor, lines.charge_date, coalesce(lines.billing_account_id, ''), lines.charge_category

)

select distinct
    sums.source,
    sums.vendor,
    sums.charge_date,
    sums.billing_account_id,
    sums.charge_category,
    coalesce(deliveries.arrived_at, invoices.first_seen_at, arrivals.first_seen_at) as billed_at
from {{ ref('int_charge_sums') }} as sums
left join deliveries
    on
        sums.source = deliveries.source
        and sums.charge_date = deliveries.charge_date
        and sums.billing_account_id = deliveries.billing_account_id
left join invoices
    on
        sums.source = 'invoices'
        and sums.vendor = invoices.vendor
        and sums.charge_date = invoices.charge_date
        and sums.billing_account_id = invoices.billing_account_id
        and sums.charge_category = invoices.charge_category
left join {{ ref('stg_files__arrivals') }} as arrivals on sums.source = arrivals.source and sums.charge_date = arrivals.charge_date
