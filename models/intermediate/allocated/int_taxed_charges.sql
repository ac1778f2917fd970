{{ config(materialized='table', meta={'fingerprint_days': ['day']}) }}

-- Which tax is on what: the tax of a bill is on that vendor's charges of the bill, unless a rule takes of it what is nobody's.
with lines as (

    select
        lines.charge_date,
        lines.cost_line_id,
        {{ is_taxed('lines') }} as is_taxed,
        {{ bill_key('lines') }} as bill_key,
        lines.charge_category = 'Tax' and not exists (
            select 1 from {{ ref('int_allocation_rules') }} as rules
            where rules.takes_nobody and {{ rule_is_about('rules', 'lines', own_part('lines')) }}
        ) as is_tax
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
where taxes.is_tax
