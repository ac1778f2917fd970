-- What is unused when a balance expires: lost where it was paid, and nothing where it was given.
with used as (

    select
        commitment_id,
        sum(drawn_cost) as drawn_cost
    from {{ ref('int_balance_draws') }}
    group by commitment_id

)

select
    balances.commitment_id,
    balances.kind,
    balances.is_given,
    balances.vendor,
    balances.account,
    balances.billing_currency,
    balances.ends_on,
    balances.amount - coalesce(used.drawn_cost, 0) - coalesce(refunded.refunded_cost, 0) as unused_cost
from {{ ref('int_balances') }} as balances
left join used on balances.commitment_id = used.commitment_id
left join {{ ref('int_balance_refunds') }} as refunded on balances.commitment_id = refunded.commitment_id
where
    balances.ends_on <= cast({{ now_utc() }} as date)
    and balances.amount > coalesce(used.drawn_cost, 0) + coalesce(refunded.refunded_cost, 0)
