{{ config(materialized='days', day='charge_date') }}

-- The books of record and what no bill shows, after what balances pay for: that is billed when the balance is bought. Tax that is given
-- back is billed, and nobody's cost.
{%- set changed = ['commitment_discount_id', 'commitment_discount_status', 'billed_cost', 'effective_cost'] %}
with invoiced as (

    select
        {{ comma_list(cost_line_columns() | reject('equalto', 'cost_status'), 'charges') }},
        case when {{ is_accrued_book('charges.book') }} then 'accrued' else 'invoiced' end as cost_status,
        {{ drawn_by('charges') }} as drawn_by,
        charges.bill_vendor
    from {{ ref('int_charges') }} as charges
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('charges') }}
    where books.is_record and not charges.is_explanation and {{ in_days('charges.charge_date') }}

),

rounded as (

    select
        pools.*,
        invoiced.cost_line_id,
        invoiced.effective_cost,
        {{ pool_share('pools.drawn_cost', 'invoiced.effective_cost', pool_columns('pools')) }} as drawn_part,
        {{ pool_share('pools.given_cost', 'invoiced.effective_cost', pool_columns('pools')) }} as given_part,
        {{ largest_first('invoiced.effective_cost', pool_columns('pools'), 'invoiced.cost_line_id') }} as part_rank
    from invoiced
    inner join {{ ref('int_paid_pools') }} as pools
        on
            {{ is_of_pool(
                'invoiced.charge_date', 'invoiced.vendor', 'invoiced.billing_account_id', 'invoiced.model', 'invoiced.billing_currency'
            ) }}
    where invoiced.drawn_by = 'balance'

),

paid as (

    select
        cost_line_id,
        commitment_id,
        {{ exact_part('drawn_cost', 'drawn_part', pool_columns(), 'part_rank') }} as drawn_cost,
        {{ exact_part('given_cost', 'given_part', pool_columns(), 'part_rank') }} as given_cost
    from rounded

),

lines as (

    select
        {{ comma_list(cost_line_columns() | reject('in', changed), 'invoiced') }},
        coalesce(invoiced.commitment_discount_id, paid.commitment_id, bought.commitment_id) as commitment_discount_id,
        case when paid.cost_line_id is null then invoiced.commitment_discount_status else 'Used' end as commitment_discount_status,
        invoiced.billed_cost - coalesce(paid.drawn_cost, 0) as billed_cost,
        case
            when bought.cost_line_id is not null then 0
            else coalesce(given_back.kept_cost, invoiced.effective_cost - coalesce(paid.given_cost, 0))
        end as effective_cost,
        coalesce(paid.drawn_cost, 0) as drawn_cost,
        -- What it does not bear itself: a purchase is borne by its use, and what was given, or is given back, by nobody.
        case
            when bought.cost_line_id is not null then coalesce(invoiced.effective_cost, 0)
            when given_back.cost_line_id is not null then invoiced.effective_cost - given_back.kept_cost
            else coalesce(paid.given_cost, 0)
        end as deferred_cost,
        invoiced.bill_vendor
    from invoiced
    left join paid on invoiced.cost_line_id = paid.cost_line_id
    left join {{ ref('int_recoverable_taxes') }} as given_back
        on invoiced.cost_line_id = given_back.cost_line_id and {{ in_days('given_back.charge_date') }}
    left join {{ ref('int_commitment_charges') }} as bought on invoiced.cost_line_id = bought.cost_line_id
    union all
    select
        {{ comma_list(cost_line_columns() | reject('in', changed) | list + changed) }},
        case when cost_status = 'invoiced' then contracted_cost else 0 end as drawn_cost,
        contracted_cost - effective_cost as deferred_cost,
        cast(null as varchar) as bill_vendor
    from {{ ref('int_accrued_cost_lines') }}
    where {{ in_days('charge_date') }}
    union all
    select
        {{ comma_list(cost_line_columns() | reject('in', changed) | list + changed) }},
        0 as drawn_cost,
        0 as deferred_cost,
        cast(null as varchar) as bill_vendor
    from {{ ref('int_commitment_lines') }}
    where {{ in_days('charge_date') }}

)

select
    lines.*,
    {{ month_of('lines.charge_date') }} as usage_month,
    {{ converted_amounts('lines', 'rates') }},
    -- What the charge is before a balance pays of it, by the vendor's own rate where the bill states one: what our metering is held
    -- against.
    case
        when billed_cost_usd is null or lines.billing_currency = 'USD' then billed_cost_usd + drawn_cost_usd
        else coalesce(lines.stated_cost_usd, billed_cost_usd + drawn_cost_usd)
    end as compared_cost_usd
from lines
left join {{ ref('stg_invoices__lines') }} as written
    on lines.source = 'invoices' and lines.cost_line_id = written.cost_line_id and {{ in_days('written.charge_date') }}
left join {{ ref('int_charge_rates') }} as rates
    on
        lines.charge_date = rates.charge_date
        and lines.billing_currency = rates.currency
        and rates.is_accrued = (lines.cost_status = 'accrued')
        and rates.invoice_date is not distinct from written.invoice_date
