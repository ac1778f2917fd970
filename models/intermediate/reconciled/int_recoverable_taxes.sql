-- What of each tax that is given back remains a cost: by the row that names most of vendor and account. Tax is not spread over time:
-- where the bill leaves its effective cost empty, it is what is billed.
with taxes as (

    select
        charges.*,
        coalesce(charges.effective_cost, charges.billed_cost) as tax_cost
    from {{ ref('int_charges') }} as charges
    where charges.charge_category = 'Tax'

)

select
    charges.charge_date,
    charges.cost_line_id,
    charges.tax_cost - cast({{ times('charges.tax_cost', 'rules.recoverable_share') }} as {{ money() }}) as kept_cost
from taxes as charges
inner join {{ ref('stg_company__recoverable_taxes') }} as rules
    on
        (rules.vendor is null or lower(charges.vendor) = rules.vendor)
        and (rules.account is null or rules.account in (charges.billing_account_id, charges.sub_account_id))
        and {{ is_valid('rules', 'charges.charge_date') }}
qualify row_number() over (
    partition by charges.charge_date, charges.cost_line_id order by rules.vendor is null, rules.account is null
) = 1
