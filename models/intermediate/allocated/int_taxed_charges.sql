{{ config(materialized='table', meta={'fingerprint_days': ['day']}) }}

-- Which tax is on what: the tax of a bill is on that vendor's charges of the bill.
with lines as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.charge_category,
        {{ is_taxed('lines') }} as is_taxed,
        {{ bill_key('lines') }} as bill_key
    from {{ ref('int_cost_lines') }} as lines
    where lines.source <> 'metered'

),

taxed_days as (

    select distinct
        bill_key,
        charge_date
    from lines
    where is_taxed

)

select
    taxes.charge_date as day,
    taxes.cost_line_id,
    taxed_days.charge_date as read_day
from lines as taxes
inner join taxed_days on taxes.bill_key = taxed_days.bill_key
where taxes.charge_category = 'Tax'
