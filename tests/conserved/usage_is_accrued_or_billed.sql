-- Priced usage of a day is in the ledger once: as accrued lines, or on the bill that is the vendor's book of record, or paid by
-- provisioned throughput.
with known as (

    select
        call_date,
        provider,
        contracted_cost_usd
    from {{ ref('int_usage_daily') }}
    where commitment_id is null
    union all
    select
        call_date,
        vendor as provider,
        contracted_cost_usd
    from {{ ref('int_unlogged_usage') }}

),

usage as (

    select
        usage.call_date,
        sum(usage.contracted_cost_usd) as contracted_cost_usd
    from known as usage
    left join {{ ref('int_billed_usage_days') }} as billed on usage.call_date = billed.call_date and usage.provider = billed.provider
    where billed.call_date is null and {{ in_unpublished_days(ref('fct_cost_lines'), 'usage.call_date') }}
    group by usage.call_date

),

accrued as (

    select
        charge_date,
        sum(contracted_cost) as contracted_cost_usd
    from {{ ref('fct_cost_lines') }}
    where source = 'metered' and {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}
    group by charge_date

)

select *
from usage
full outer join accrued on usage.call_date = accrued.charge_date
where coalesce(usage.contracted_cost_usd, 0) <> coalesce(accrued.contracted_cost_usd, 0)
