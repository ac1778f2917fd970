{{ config(materialized='days', day='charge_date', day_map='int_long_node_map', meta={'fingerprint': 'content'}) }}

-- The cluster of a node that is billed for several days: where OpenCost sees it first in them, so that later days change nothing.
with seen as (

    select distinct
        nodes.charge_date,
        nodes.cluster, -- noqa: RF04
        nodes.node_name
    from {{ ref('int_long_node_map') }} as lasting
    inner join {{ ref('int_nodes_seen') }} as nodes on lasting.read_day = nodes.charge_date
    where {{ in_days('lasting.day') }}

)

select
    billed.charge_date,
    billed.last_charge_date,
    billed.node_name,
    seen.cluster -- noqa: RF04
from {{ ref('int_long_resources') }} as billed
inner join seen
    on billed.node_name = seen.node_name and seen.charge_date between billed.charge_date and billed.last_charge_date
where {{ in_days('billed.charge_date') }}
qualify
    row_number() over (
        partition by billed.charge_date, billed.last_charge_date, billed.node_name order by seen.charge_date, seen.cluster
    ) = 1
