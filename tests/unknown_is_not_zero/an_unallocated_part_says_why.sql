select
    allocated_cost_key,
    {{ targets() }},
    unallocated_reason
from {{ ref('fct_allocated_costs') }}
where
    {{ in_unpublished_days(ref('fct_allocated_costs'), 'charge_date') }}
    and ({{ missing_targets() }} is not null) <> (unallocated_reason is not null)
