-- What was paid back of a balance: lines of bills that name it and take money off.
select
    commitment_id,
    max(charge_date) as refunded_on,
    -sum(billed_cost) as refunded_cost
from {{ ref('int_commitment_charges') }}
where billed_cost < 0
group by commitment_id
