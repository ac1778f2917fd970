{{ config(materialized='days', day='run_date', day_before=31, meta={'fingerprint': 'content'}) }}

-- What nodes are billed, day by day of the period of each charge.
with billed_weighed as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.cluster as billed_cluster,
        lines.node_name as billed_node,
        days.run_date,
        lines.effective_cost_usd,
        1 as weight
    from {{ ref('int_node_lines') }} as lines,
        {{ each_day('lines.part_from', 'lines.part_to', 'days', 'run_date') }}
    where {{ in_days('lines.charge_date', 31, 0) }}

),

{{ exact_ctes(
    'billed_weighed', 'billed', 'cost_line_id', 'run_date', ['charge_date', 'billed_cluster', 'billed_node', 'run_date'],
    ['effective_cost_usd']
) }},

seen as (

    select distinct
        charge_date as run_date,
        cluster, -- noqa: RF04
        node_name
    from {{ ref('int_node_names') }}
    where {{ in_days('charge_date') }}

)

select
    billed.run_date,
    coalesce(billed.billed_cluster, '(all)') as billed_cluster,
    -- A node that OpenCost does not see on the day is of its cluster.
    seen.node_name as billed_node,
    cast(sum(billed.effective_cost_usd) as {{ money() }}) as effective_cost_usd
from billed
left join seen
    on billed.run_date = seen.run_date and billed.billed_cluster = seen.cluster and billed.billed_node = seen.node_name
-- A charge is followed for a month from its day on, so that a day reads no more than a month.
where billed.run_date <= billed.charge_date + 31 and {{ in_days('billed.run_date') }}
group by all
