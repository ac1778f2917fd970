-- Where no cloud bills the nodes, OpenCost's own charges are in the ledger. These are of pods that answered calls of a model of the
-- company's own.
select
    allocations.charge_date,
    allocations.cost_line_id,
    min({{ pool_of('usage') }}) as pool
from {{ ref('stg_opencost__allocations') }} as allocations
inner join {{ ref('int_self_hosted_usage') }} as usage
    on
        usage.call_date between allocations.charge_date
        and {{ last_day_of('allocations.charge_period_start', 'allocations.charge_period_end') }}
        and usage.weight > 0
        and {{ serves('allocations', 'usage') }}
where not {{ is_idle('allocations') }}
group by allocations.charge_date, allocations.cost_line_id
