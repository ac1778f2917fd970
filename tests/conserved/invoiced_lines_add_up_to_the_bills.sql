-- What stands in the ledger as invoiced is what the newest deliveries landed, by currency, day and basis.
with landed as (

    select
        source.day as charge_date,
        upper(source.BillingCurrency) as billing_currency,
        count(*) as lines,
        sum(source.ListCost) as list_cost,
        sum(source.ContractedCost) as contracted_cost,
        sum(source.BilledCost) as billed_cost,
        sum(source.EffectiveCost) as effective_cost
    from {{ source('raw', 'focus') }} as source
    where
        {{ in_unpublished_days(ref('fct_cost_lines'), 'source.day') }}
        and not exists (
            select 1
            from {{ ref('stg_focus__superseded') }} as superseded
            where source._file_hash = superseded.file_hash and source._row = superseded.file_row
        )
    group by source.day, upper(source.BillingCurrency)

),

ledger as (

    select
        charge_date,
        billing_currency,
        count(*) as lines,
        sum(list_cost) as list_cost,
        sum(contracted_cost) as contracted_cost,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_cost_lines') }}
    where cost_status = 'invoiced' and {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}
    group by charge_date, billing_currency

)

select *
from landed
full outer join ledger
    on landed.charge_date = ledger.charge_date and coalesce(landed.billing_currency, '') = coalesce(ledger.billing_currency, '')
where
    landed.lines is distinct from ledger.lines
    {% for basis in cost_bases() -%}
        or landed.{{ basis }}_cost is distinct from ledger.{{ basis }}_cost
    {% endfor %}
