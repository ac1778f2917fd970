-- What a spend minimum lacks when its term is over, if all that is spent is known, and whether a bill shows it: within the term,
-- or in the month after, unless another minimum of the vendor runs then. What is paid back of one bills none.
with spent as (

    select
        commitment_id,
        sum(spent_on_day) as spent_cost,
        bool_and(is_known) as is_known
    from {{ ref('int_minimum_spend') }}
    group by commitment_id

),

billed as (

    select
        minimums.commitment_id,
        arrivals.billed_at
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
    inner join {{ ref('int_commitments') }} as minimums
        on
            sums.vendor = minimums.vendor
            and sums.billing_currency = minimums.billing_currency
            and sums.billing_account_id = coalesce(minimums.account, sums.billing_account_id)
            and sums.charge_date >= minimums.valid_from
            and sums.charge_date < cast(minimums.ends_on + interval '1' month as date)
    where sums.is_shortfall and sums.billed_cost > 0 and minimums.kind = 'spend_minimum'
    qualify
        row_number() over (
            partition by sums.charge_date, sums.vendor, sums.billing_account_id, sums.billing_currency
            order by minimums.valid_from desc, minimums.commitment_id asc, arrivals.billed_at asc
        ) = 1

),

came as (

    select
        commitment_id,
        min(billed_at) as billed_at
    from billed
    group by commitment_id

)

select
    minimums.commitment_id,
    minimums.vendor,
    minimums.account,
    minimums.billing_currency,
    minimums.ends_on,
    came.commitment_id is not null as is_billed,
    came.billed_at,
    minimums.amount - coalesce(spent.spent_cost, 0) as short_cost
from {{ ref('int_commitments') }} as minimums
left join spent on minimums.commitment_id = spent.commitment_id
left join came on minimums.commitment_id = came.commitment_id
where
    minimums.kind = 'spend_minimum'
    and minimums.ends_on <= cast({{ now_utc() }} as date)
    and minimums.amount > coalesce(spent.spent_cost, 0)
    and coalesce(spent.is_known, true)
