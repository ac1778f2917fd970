-- What nodes are billed, day by day.
select
    run_date,
    billed_cluster,
    billed_node,
    driver,
    cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost_usd
from {{ ref('int_named_node_days') }}
group by all
