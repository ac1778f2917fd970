-- What claims each charge: its own tags, the owner that a rule names, the usage that it bills, then the company's other rules; of what none
-- of these claims, tax follows the charges that it is on, and a node's charge what ran on the node.
with matched as (

    select
        lines.charge_date,
        lines.cost_line_id,
        {{ comma_list(rule_columns(), 'rules') }},
        {{ rule_choice('lines', 'rules') }} as choice
    from {{ ref('int_ruled_lines') }} as lines
    inner join {{ ref('int_allocation_rules') }} as rules
        on rules.takes is null and {{ rule_is_about('rules', 'lines', 'lines.own_part') }}

),

reconciled as (

    -- Usage that is spread over the buckets that it pays for, and with these over the calls in them.
    select distinct
        charge_date,
        cost_line_id
    from {{ ref('int_line_parts') }}

),

unlogged as (

    -- What a line bills of a model's usage that neither a log nor a report has: nobody else pays for it.
    select distinct
        charge_date,
        cost_line_id
    from {{ ref('int_line_causes') }}
    where cause = 'missing_log'

),

taxes as (

    select distinct
        day,
        cost_line_id
    from {{ ref('int_taxed_charges') }}

)

select
    lines.*,
    matched.rule_key,
    case
        when metered.vendor is not null then 'calls_cost'
        when matched.rule_id is null and nodes.node_name is not null then 'kubernetes_cost'
        else matched.driver
    end as driver,
    case
        when metered.vendor is not null then metered.vendor
        when matched.driver = 'seats' then lines.vendor
        when nodes.node_name is not null and {{ is_cluster_driver("coalesce(matched.driver, 'kubernetes_cost')") }}
            then {{ node_vendor('nodes.cluster', 'nodes.node_name') }}
        else '(all)'
    end as driver_vendor,
    coalesce(matched.is_listed, false) and metered.vendor is null as is_listed,
    coalesce(matched.gives_all, true) or metered.vendor is not null as gives_all,
    {% for target in allocation_targets() -%}
        matched.takes_{{ target }},
        case when metered.vendor is null then matched.gives_{{ target }} end as gives_{{ target }},
    {% endfor -%}
    case
        when {{ has_target('lines') }} and not coalesce(metered.is_served, false) then 'own-tags'
        when provisioned.commitment_id is not null then 'own-usage'
        when matched.method = 'direct' then matched.rule_id
        when reconciled.cost_line_id is null and unlogged.cost_line_id is not null then 'unlogged-usage'
        when coalesce(reconciled.cost_line_id, metered.cost_line_id) is not null then 'usage-of-' || lines.vendor
        else coalesce(
            matched.rule_id,
            case when taxes.cost_line_id is not null then 'tax-of-charges' when nodes.node_name is not null then 'what-ran-on-nodes' end,
            'no-rule'
        )
    end as rule_id,
    case
        when {{ has_target('lines') }} and not coalesce(metered.is_served, false) then 'own_tags'
        when provisioned.commitment_id is not null then 'provisioned'
        when matched.method = 'direct' then 'direct'
        when reconciled.cost_line_id is not null then 'reconciled'
        when unlogged.cost_line_id is not null then 'unlogged'
        when metered.vendor is not null then 'measured'
        else coalesce(
            matched.method, case when taxes.cost_line_id is not null then 'taxed' when nodes.node_name is not null then 'usage' end, 'none'
        )
    end as method
from {{ ref('int_ruled_lines') }} as lines
left join reconciled on lines.charge_date = reconciled.charge_date and lines.cost_line_id = reconciled.cost_line_id
left join unlogged on lines.charge_date = unlogged.charge_date and lines.cost_line_id = unlogged.cost_line_id
left join {{ ref('int_metered_charges') }} as metered
    on lines.charge_date = metered.charge_date and lines.cost_line_id = metered.cost_line_id
left join {{ ref('int_provisioned_use') }} as provisioned
    on
        lines.source = 'commitments'
        and lines.charge_date = provisioned.charge_date
        and lines.commitment_discount_id = provisioned.commitment_id
        and lines.commitment_discount_status = 'Used'
        and provisioned.commitment_discount_status = 'Used'
left join {{ ref('int_node_lines') }} as nodes on lines.charge_date = nodes.charge_date and lines.cost_line_id = nodes.cost_line_id
left join taxes on lines.charge_date = taxes.day and lines.cost_line_id = taxes.cost_line_id
left join matched on lines.charge_date = matched.charge_date and lines.cost_line_id = matched.cost_line_id and matched.choice = 1
