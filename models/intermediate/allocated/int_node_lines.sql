{{ config(materialized='days', day='charge_date', meta={'fingerprint': 'content'}) }}

-- The charges that bill the nodes of clusters: those of a node that OpenCost names, and those that a rule divides by what ran on
-- clusters, where no tags of their own go before it.
with nodes as (

    {% for column in ['node', 'provider_id'] -%}
        select
            charge_date,
            cluster,
            lower({{ column }}) as node_name
        from {{ ref('stg_opencost__allocations') }}
        where {{ column }} is not null and {{ in_days('charge_date') }}
        {{ 'union' if not loop.last }}
    {% endfor %}

),

named as (

    select
        charge_date,
        node_name,
        min(cluster) as cluster -- noqa: RF04
    from nodes
    group by charge_date, node_name

),

lines as (

    select
        lines.*,
        {{ own_part('lines') }} as own_part,
        lower(lines.resource_id) as billed_id,
        {{ matched_group('lower(lines.resource_id)', '([^/]+)$', 1) }} as billed_name
    from {{ ref('int_cost_lines') }} as lines
    where
        lines.source not in ('metered', 'opencost')
        and lines.effective_cost_usd is not null
        and {{ in_days('lines.charge_date') }}

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
    coalesce(by_id.cluster, by_name.cluster) as cluster, -- noqa: RF04
    {{ first_and_last_day('lines') }},
    lines.effective_cost_usd
from lines
left join named as by_id on lines.charge_date = by_id.charge_date and lines.billed_id = by_id.node_name
left join named as by_name on lines.charge_date = by_name.charge_date and lines.billed_name = by_name.node_name
left join by_rule on lines.charge_date = by_rule.charge_date and lines.cost_line_id = by_rule.cost_line_id
where by_id.cluster is not null or by_name.cluster is not null or by_rule.cost_line_id is not null
