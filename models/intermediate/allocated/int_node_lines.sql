{{ config(materialized='days', day='charge_date', meta={'fingerprint': 'content'}) }}

-- The charges that bill the nodes of clusters: those of a node that OpenCost names, and those that a rule divides by what ran on
-- clusters, where no tags of their own go before it.
with lines as (

    select
        lines.*,
        {{ own_part('lines') }} as own_part,
        {{ node_name('lines.resource_id') }} as billed_name,
        {{ first_and_last_day('lines') }}
    from {{ ref('int_cost_lines') }} as lines
    where lines.source not in ('metered', 'opencost') and {{ in_days('lines.charge_date') }}

),

by_rule as (

    select
        lines.charge_date,
        lines.cost_line_id,
        rules.driver
    from lines
    inner join {{ ref('int_allocation_rules') }} as rules
        on rules.takes is null and {{ rule_is_about('rules', 'lines', 'lines.own_part') }}
    where not {{ has_target('lines') }}
    qualify {{ rule_choice('lines', 'rules') }} = 1

)

select
    lines.charge_date,
    lines.cost_line_id,
    -- A charge that names no node is of all clusters.
    named.cluster, -- noqa: RF04
    named.node_name,
    case when {{ is_cluster_driver('by_rule.driver') }} then by_rule.driver else 'kubernetes_cost' end as driver,
    lines.part_from,
    lines.part_to,
    lines.effective_cost_usd
from lines
left join {{ ref('int_billed_nodes') }} as named
    on
        lines.charge_date = named.charge_date
        and lines.part_to = named.last_charge_date
        and lines.billed_name = named.node_name
        and {{ in_days('named.charge_date') }}
left join by_rule on lines.charge_date = by_rule.charge_date and lines.cost_line_id = by_rule.cost_line_id
where named.cluster is not null or {{ is_cluster_driver('by_rule.driver') }}
