-- Which node a cloud's charge for these days may name.
select
    charge_date,
    charge_date as last_charge_date,
    node_name,
    min(cluster) as cluster -- noqa: RF04
from {{ ref('int_node_names') }}
group by charge_date, node_name
union all
select
    charge_date,
    last_charge_date,
    node_name,
    cluster -- noqa: RF04
from {{ ref('int_long_nodes') }}
