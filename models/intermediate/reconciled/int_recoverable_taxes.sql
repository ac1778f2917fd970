-- What of each tax is given back: by the row that names most of vendor and account.
select
    charges.charge_date,
    charges.cost_line_id,
    cast({{ times('charges.effective_cost', 'taxes.recoverable_share') }} as {{ money() }}) as recoverable_cost
from {{ ref('int_charges') }} as charges
inner join {{ ref('stg_company__recoverable_taxes') }} as taxes
    on
        (taxes.vendor is null or lower(charges.vendor) = taxes.vendor)
        and (taxes.account is null or taxes.account in (charges.billing_account_id, charges.sub_account_id))
        and {{ is_valid('taxes', 'charges.charge_date') }}
where charges.charge_category = 'Tax'
qualify row_number() over (
    partition by charges.charge_date, charges.cost_line_id order by taxes.vendor is null, taxes.account is null
) = 1
