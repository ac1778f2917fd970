-- What ran on each node that a bill names, by day and whose it is: what the node's charges follow. As with calls, what has no node, such as
-- what is idle of a cluster, is of all its nodes by what ran on them. All nodes that are not seen on the day are one: any of their cluster.
with billed as (

    select distinct
        run_date,
        billed_cluster as cluster, -- noqa: RF04
        billed_node as node_name
    from {{ ref('int_named_node_days') }}
    where named_node is not null

),

parts as (

    select
        *,
        {{ driver_sums('cluster', 'node is not null', 'run_date, cluster') }}
    from {{ ref('int_cluster_parts') }}

),

places as (

    select
        billed.*,
        placed.node
    from billed
    inner join {{ ref('int_node_names') }} as placed
        on billed.run_date = placed.charge_date and billed.cluster = placed.cluster and billed.node_name = placed.node_name
    union all
    select
        *,
        cast(null as varchar) as node
    from billed
    where node_name is not null

),

ran as (

    select
        parts.*,
        places.node_name,
        parts.node is null as is_of_any_node
    from places
    inner join parts
        on places.run_date = parts.run_date and places.cluster = parts.cluster and places.node is not distinct from parts.node
    union all
    select
        parts.*,
        '{{ any_node() }}' as node_name,
        false as is_of_any_node
    from billed
    inner join parts on billed.node_name is null and billed.run_date = parts.run_date and billed.cluster = parts.cluster

),

shared as (

    select
        *,
        {{ driver_sums('node', 'not is_of_any_node', 'run_date, cluster, node_name') }}
    from ran

)

select
    run_date,
    {{ node_vendor('cluster', 'node_name') }} as vendor,
    {{ targets() }},
    is_idle,
    -- What nothing on a node is counted by, such as GPUs on a node without them, its cost stands for.
    {% for driver in cluster_drivers() -%}
        cast(
            case
                when node_{{ driver }} > 0 then {{ driver_on_node(driver) }}
                else {{ driver_on_node('kubernetes_cost') }}
            end as {{ money() }}
        ) as {{ driver }}{% if not loop.last %},{% endif %}
    {% endfor %}
from shared
