{{ config(meta={'fingerprint_days': ['charge_date']}) }}

-- The charges that a commitment was bought or paid back with. The shares of days of a reservation that its bill does not spread have no
-- list price: then it is the purchase that has one.
select
    charges.charge_date,
    charges.cost_line_id,
    commitments.kind <> 'reservation' or coalesce(charges.effective_cost = 0, false) as is_listed_in_use
from {{ ref('int_commitment_charges') }} as charges
inner join {{ ref('int_commitments') }} as commitments on charges.commitment_id = commitments.commitment_id
