{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The cluster of a node that is billed for several days: where OpenCost sees it first in them, so that later days change nothing.
select
    billed.charge_date,
    billed.last_charge_date,
    billed.node_name,
    seen.cluster -- noqa: RF04
from {{ ref('int_long_resources') }} as billed
inner join {{ ref('int_node_names') }} as seen
    on billed.node_name = seen.node_name and seen.charge_date between billed.charge_date and billed.last_charge_date
qualify
    row_number() over (
        partition by billed.charge_date, billed.last_charge_date, billed.node_name order by seen.charge_date, seen.cluster
    ) = 1
