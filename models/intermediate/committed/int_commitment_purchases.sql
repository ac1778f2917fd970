{{ config(meta={'fingerprint_days': ['charge_date']}) }}

-- The charges that a commitment was bought or paid back with. The shares of days of a reservation that its bill does not spread have no
-- list price, nor has the use of capacity that is paid in another currency: then it is the purchase that has one.
select
    charges.charge_date,
    charges.cost_line_id,
    not (
        commitments.kind = 'reservation'
        or (commitments.kind = 'provisioned_throughput' and commitments.billing_currency <> 'USD')
    )
    or coalesce(charges.effective_cost = 0, false) as is_listed_in_use
from {{ ref('int_commitment_charges') }} as charges
inner join {{ ref('int_commitments') }} as commitments on charges.commitment_id = commitments.commitment_id
