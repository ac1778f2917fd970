{{ config(materialized='table') }}

-- Everything that changes what is left of a commitment. A minimum is drawn by what is spent, up to its amount.
with draws as (

    select
        commitment_id,
        sum(drawn_cost) as drawn_cost
    from {{ ref('int_balance_draws') }}
    group by commitment_id

)

select
    commitment_id,
    valid_from as moved_on,
    'purchased' as movement,
    amount
from {{ ref('int_commitments') }}
union all
select
    commitment_id,
    charge_date as moved_on,
    'drawn' as movement,
    drawn_cost as amount
from {{ ref('int_balance_draws') }}
union all
select
    commitment_id,
    charge_date as moved_on,
    'drawn' as movement,
    least(spent_until, amount) - least(spent_until - spent_on_day, amount) as amount
from {{ ref('int_minimum_spend') }}
union all
select
    commitment_id,
    charge_date as moved_on,
    'drawn' as movement,
    day_cost as amount
from {{ ref('int_reservation_days') }}
where kind = 'reservation' or is_amortised_by_bill
union all
select
    commitment_id,
    charge_date as moved_on,
    case commitment_discount_status when 'Used' then 'drawn' else 'expired' end as movement,
    day_cost as amount
from {{ ref('int_provisioned_use') }}
union all
select
    commitment_id,
    ends_on as moved_on,
    'expired' as movement,
    unused_cost as amount
from {{ ref('int_balance_expiries') }}
union all
select
    commitment_id,
    ends_on as moved_on,
    'expired' as movement,
    short_cost as amount
from {{ ref('int_shortfalls') }}
union all
select
    commitment_id,
    refunded_on as moved_on,
    'refunded' as movement,
    refunded_cost as amount
from {{ ref('int_balance_refunds') }}
union all
-- A vendor that pays back more than was left has counted less use than we did: so much was not drawn.
select
    refunds.commitment_id,
    refunds.refunded_on as moved_on,
    'drawn' as movement,
    balances.amount - refunds.refunded_cost - draws.drawn_cost as amount
from {{ ref('int_balance_refunds') }} as refunds
inner join {{ ref('int_balances') }} as balances on refunds.commitment_id = balances.commitment_id
inner join draws on refunds.commitment_id = draws.commitment_id
where draws.drawn_cost + refunds.refunded_cost > balances.amount
