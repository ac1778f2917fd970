-- Where no cloud bills the nodes, OpenCost's own charges are in the ledger. These are of pods that answered calls of a model of the
-- company's own.
select
    allocations.charge_date,
    allocations.cost_line_id,
    min({{ pool_of('usage') }}) as pool
from {{ ref('stg_opencost__allocations') }} as allocations
inner join {{ ref('int_self_hosted_usage') }} as usage
    on allocations.charge_date = usage.call_date and usage.weight > 0 and {{ serves('allocations', 'usage') }}
where not {{ is_idle('allocations') }}
group by allocations.charge_date, allocations.cost_line_id
