-- A fee for a term over the days of it that have come, evenly; what does not divide is on the first.
-- A fee in instalments is billed as far as they reach.
with billed as (

    select
        commitment_id,
        count(*) as lines,
        sum(billed_cost) as billed_cost
    from {{ ref('int_commitment_charges') }}
    group by commitment_id

),

reservations as (

    select
        commitments.*,
        case
            when billed.commitment_id is null then 0
            when billed.billed_cost >= commitments.amount * 0.9 or (billed.lines = 1 and billed.billed_cost > commitments.amount * 0.5)
                then commitments.amount
            else billed.billed_cost
        end as billed_amount,
        coalesce(charges.billed_cost > 0 and charges.effective_cost = 0, false) as is_amortised_by_bill,
        commitments.ends_on - commitments.valid_from as term_days
    from {{ ref('int_commitments') }} as commitments
    left join {{ ref('int_commitment_charges') }} as charges on commitments.commitment_id = charges.commitment_id
    left join billed on commitments.commitment_id = billed.commitment_id
    where commitments.kind in ('reservation', 'provisioned_throughput')
    -- A fee may be billed in several lines.
    qualify row_number() over (partition by commitments.commitment_id order by charges.charge_date, charges.cost_line_id) = 1

),

shares as (

    select
        *,
        cast(cast(amount as double) / term_days as {{ money() }}) as day_share
    from reservations

)

select
    shares.commitment_id,
    shares.kind,
    shares.vendor,
    shares.account,
    shares.models,
    shares.billing_currency,
    shares.capacity,
    days.charge_date,
    -- What does not divide is on the first day.
    shares.amount - (shares.ends_on - 1 - days.charge_date) * shares.day_share as cost_until,
    cost_until <= shares.billed_amount as is_billed,
    shares.is_amortised_by_bill,
    case when days.charge_date = shares.valid_from then shares.amount - (shares.term_days - 1) * shares.day_share else shares.day_share end
        as day_cost
from shares,
    {{ each_day('shares.valid_from', 'shares.ends_on - 1', 'days', 'charge_date') }}
where days.charge_date <= cast({{ now_utc() }} as date)
