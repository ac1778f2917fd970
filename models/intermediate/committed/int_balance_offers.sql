{{ config(materialized='table') }}

-- Which balances may pay for a pool, in the order in which they are asked.
select
    pools.pool_key,
    balances.turn,
    balances.commitment_id,
    balances.is_given,
    balances.amount,
    refunds.refunded_on,
    coalesce(refunds.refunded_cost, 0) as refunded_cost
from {{ ref('int_balance_demand') }} as pools
inner join {{ ref('int_balances') }} as balances
    on
        pools.vendor = balances.vendor
        and pools.billing_currency = balances.billing_currency
        and pools.charge_date >= balances.valid_from
        and pools.charge_date < balances.used_until
        and pools.billing_account_id = coalesce(balances.account, pools.billing_account_id)
        and coalesce(pools.commitment_discount_id, balances.commitment_id) = balances.commitment_id
        and (balances.models is null or contains(';' || balances.models || ';', ';' || lower(pools.model) || ';'))
left join {{ ref('int_balance_refunds') }} as refunds on balances.commitment_id = refunds.commitment_id
