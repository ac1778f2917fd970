-- When the first bill of a fee for a term came.
select
    fees.commitment_id,
    min(arrivals.billed_at) as billed_at
from {{ ref('int_commitment_charges') }} as fees
inner join {{ ref('int_commitments') }} as commitments on fees.commitment_id = commitments.commitment_id
inner join {{ ref('int_charge_sums') }} as sums on fees.charge_date = sums.charge_date and fees.cost_line_id = sums.purchase_line_id
inner join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
where commitments.kind in ('reservation', 'provisioned_throughput') and fees.billed_cost > 0
group by fees.commitment_id
