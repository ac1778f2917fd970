-- When the bill of a day of a fee's term came: that of the instalment which reaches the day, else the last.
with instalments as (

    select
        fees.commitment_id,
        arrivals.billed_at,
        sum(fees.billed_cost) over (partition by fees.commitment_id order by arrivals.billed_at) as reached_cost
    from {{ ref('int_commitment_charges') }} as fees
    inner join {{ ref('int_charge_sums') }} as sums on fees.charge_date = sums.charge_date and fees.cost_line_id = sums.purchase_line_id
    inner join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
    where fees.billed_cost > 0

)

select
    terms.commitment_id,
    terms.charge_date,
    coalesce(
        min(case when instalments.reached_cost >= terms.cost_until then instalments.billed_at end), max(instalments.billed_at)
    ) as billed_at
from {{ ref('int_reservation_days') }} as terms
inner join instalments on terms.commitment_id = instalments.commitment_id
where terms.is_billed
group by terms.commitment_id, terms.charge_date
