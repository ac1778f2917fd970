{{ config(materialized='days', day='run_date', day_before=31, meta={'fingerprint': 'content'}) }}

-- What nodes are billed, day by day of the period of each charge, by the name that the bill has for them. What runs for longer than a month
-- stands apart, so that a day reads no more than a month.
with billed_weighed as (

    {{ node_charge_days('lines.part_to <= lines.charge_date + 31 and ' ~ in_days('lines.charge_date', 31, 0)) }}

),

{{ exact_ctes('billed_weighed', 'short', 'cost_line_id', 'run_date', node_day_columns(), ['effective_cost_usd']) }},

billed as (

    select
        run_date,
        billed_cluster,
        billed_node,
        driver,
        effective_cost_usd
    from short
    union all
    select
        run_date,
        billed_cluster,
        billed_node,
        driver,
        effective_cost_usd
    from {{ ref('int_long_node_days') }}

),

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
    billed.billed_node as named_node,
    -- A node that OpenCost does not see on the day is of its cluster.
    seen.node_name as billed_node,
    billed.driver,
    cast(sum(billed.effective_cost_usd) as {{ money() }}) as effective_cost_usd
from billed
left join seen
    on billed.run_date = seen.run_date and billed.billed_cluster = seen.cluster and billed.billed_node = seen.node_name
where {{ in_days('billed.run_date') }}
group by all
