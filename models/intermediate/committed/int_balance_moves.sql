-- Everything that changes a balance, as the amount by which it does.
select
    commitment_id,
    valid_from as moved_on,
    'purchased' as movement,
    amount
from {{ ref('int_balances') }}
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
    expires as moved_on,
    'expired' as movement,
    unused_cost as amount
from {{ ref('int_balance_expiries') }}
union all
select
    commitment_id,
    refunded_on as moved_on,
    'refunded' as movement,
    refunded_cost as amount
from {{ ref('int_balance_refunds') }}
