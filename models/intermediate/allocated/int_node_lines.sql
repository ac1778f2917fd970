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

    select distinct
        lines.charge_date,
        lines.cost_line_id
    from lines
    inner join {{ ref('int_allocation_rules') }} as rules
        on rules.takes is null and {{ rule_is_about('rules', 'lines', 'lines.own_part') }}
    where
        rules.driver in (
            {% for driver in cluster_drivers() -%}
                '{{ driver }}'{% if not loop.last %},{% endif %}
            {% endfor %}
        )
        and not {{ has_target('lines') }}

)

select
    lines.charge_date,
    lines.cost_line_id,
    -- A charge that names no node is of all clusters.
    named.cluster, -- noqa: RF04
    named.node_name,
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
where named.cluster is not null or by_rule.cost_line_id is not null
