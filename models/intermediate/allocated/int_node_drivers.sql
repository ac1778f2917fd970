-- What ran on each node that a bill names, by day and whose it is: what the node's charges follow. As with calls, what has no node, such as
-- what is idle of a cluster, is of all billed nodes by what ran on them, and a node that is not seen on the day is of its cluster.
with ran as (

    select
        nodes.run_date,
        nodes.billed_cluster,
        nodes.named_node,
        nodes.billed_node,
        {{ targets('parts') }},
        {{ comma_list(['is_idle'] + cluster_drivers(), 'parts') }},
        nodes.billed_node is not null and parts.node is null as is_of_any_node
    from {{ ref('int_named_node_days') }} as nodes
    inner join {{ ref('int_cluster_parts') }} as parts on nodes.run_date = parts.run_date and nodes.billed_cluster = parts.cluster
    left join {{ ref('int_node_names') }} as placed
        on
            parts.run_date = placed.charge_date
            and parts.cluster = placed.cluster
            and parts.node = placed.node
            and nodes.billed_node = placed.node_name
    where nodes.named_node is not null and (nodes.billed_node is null or parts.node is null or placed.node is not null)

),

shared as (

    select
        *,
        cast(sum(case when is_of_any_node then 0 else kubernetes_cost end) over (
            partition by run_date, billed_cluster, named_node
        ) as double) as cost_on_node,
        cast(sum(case when is_of_any_node then 0 else kubernetes_cost end) over (
            partition by run_date, billed_cluster, billed_node is null
        ) as double) as cost_on_nodes
    from ran

)

select
    run_date,
    {{ node_vendor('billed_cluster', 'named_node') }} as vendor,
    {{ targets() }},
    is_idle,
    {% for driver in cluster_drivers() -%}
        cast(
            case
                when is_of_any_node then cast({{ driver }} as double) * coalesce(cost_on_node / nullif(cost_on_nodes, 0), 1)
                else {{ driver }}
            end as {{ money() }}
        ) as {{ driver }}{% if not loop.last %},{% endif %}
    {% endfor %}
from shared
