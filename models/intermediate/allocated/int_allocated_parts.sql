-- Every charge's parts, whatever the method; the parts of one charge, rule and target stand together in the mart.
-- Their classes follow these rows: depends_on: {{ ref('stg_company__cost_classes') }}
with direct as (

    select
        charge_date,
        cost_line_id,
        rule_id,
        case method when 'unlogged' then 'usage' else method end as method,
        case method
            when 'none' then 'no tag names a target and no rule matches'
            when 'unlogged' then 'the vendor counts usage that no log has'
        end as reason,
        cast(1 as {{ money() }}) as allocation_ratio,
        {% for column in target_columns() -%}
            {% if column == 'workflow' -%}
                case when method = 'unlogged' then '(unlogged usage)' else coalesce(workflow, '(unallocated)') end as workflow,
            {% else -%}
                coalesce({{ column }}, '(unallocated)') as {{ column }},
            {% endif -%}
        {% endfor -%}
        {{ comma_list(cost_columns()) }}
    from {{ ref('int_charge_rules') }}
    where method not in ('usage', 'reconciled', 'provisioned')

),

shared as (

    select
        charge_date,
        cost_line_id,
        rule_id,
        'usage' as method,
        case when not has_usage then 'no calls on a day of the charge' end as reason,
        allocation_ratio,
        {{ targets() }},
        {{ comma_list(cost_columns()) }}
    from {{ ref('int_shared_parts') }}

),

reconciled as (

    select
        rules.charge_date,
        rules.cost_line_id,
        case parts.kind when 'logged' then rules.rule_id when 'unlogged' then 'unlogged-usage' else 'unreconciled' end as rule_id,
        'usage' as method,
        parts.reason,
        parts.allocation_ratio,
        {{ targets('parts') }},
        {{ comma_list(cost_columns(), 'parts') }}
    from {{ ref('int_charge_rules') }} as rules
    inner join {{ ref('int_usage_parts') }} as parts on rules.charge_date = parts.charge_date and rules.cost_line_id = parts.cost_line_id
    where rules.method = 'reconciled'

),

parts as (

    select * from direct
    union all
    select * from shared
    union all
    select * from reconciled
    union all
    select
        charge_date,
        cost_line_id,
        rule_id,
        method,
        reason,
        allocation_ratio,
        {{ targets() }},
        {{ comma_list(cost_columns()) }}
    from {{ ref('int_metered_parts') }}
    union all
    select
        charge_date,
        cost_line_id,
        rule_id,
        'usage' as method,
        cast(null as varchar) as reason,
        allocation_ratio,
        {{ targets() }},
        {{ comma_list(cost_columns()) }}
    from {{ ref('int_provisioned_parts') }}

)

select
    *,
    {{ cost_class('charge_date') }} as cost_class
from parts
