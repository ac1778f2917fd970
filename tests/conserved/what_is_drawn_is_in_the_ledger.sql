-- By vendor, day and currency: what balances pay for is what lines of the ledger are not billed, and what of it was given they do not
-- bear.
with drawn as (

    select
        charge_date,
        vendor,
        billing_currency,
        sum(drawn_cost) as drawn_cost,
        sum(case when is_given then drawn_cost else 0 end) as given_cost
    from {{ ref('int_balance_draws') }}
    where drawn_by = 'balance'
    group by charge_date, vendor, billing_currency

),

ledger as (

    select
        lines.charge_date,
        lines.vendor,
        lines.billing_currency,
        sum(drawn_lines.drawn_cost) as drawn_cost,
        sum(drawn_lines.deferred_cost) as given_cost
    from {{ ref('fct_cost_lines') }} as lines
    inner join {{ ref('int_cost_lines') }} as drawn_lines
        on lines.charge_date = drawn_lines.charge_date and lines.cost_line_id = drawn_lines.cost_line_id
    where drawn_lines.drawn_cost <> 0
    group by lines.charge_date, lines.vendor, lines.billing_currency

)

select *
from drawn
full outer join ledger
    on
        drawn.charge_date = ledger.charge_date
        and drawn.vendor = ledger.vendor
        and drawn.billing_currency = ledger.billing_currency
where
    drawn.drawn_cost is distinct from ledger.drawn_cost
    or drawn.given_cost is distinct from ledger.given_cost
