-- What was bought is drawn, lost, paid back or still there, each month, exactly; and never less than nothing is left.
with balances as (

    select
        *,
        coalesce(lag(closing_amount) over (partition by commitment_id order by month), 0) as closed_amount
    from {{ ref('commitment_balance') }}

)

select *
from balances
where
    opening_amount + purchased_amount - drawn_amount - expired_amount - refunded_amount <> closing_amount
    or opening_amount <> closed_amount
    or closing_amount < 0
