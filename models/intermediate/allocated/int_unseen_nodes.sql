{{ config(meta={'fingerprint_days': ['run_date']}) }}

-- Nodes that are billed for a day on which OpenCost does not see them, and whose drivers their charges follow on it.
select distinct
    run_date,
    {{ node_vendor('billed_cluster', 'named_node') }} as vendor,
    {{ node_vendor('billed_cluster', quoted(any_node())) }} as cluster_vendor
from {{ ref('int_named_node_days') }}
where named_node is not null and billed_node is null
