-- The parts that something claims: own tags, an owner, the usage that a charge bills; and what nothing claims.
with single as (

    select
        charges.*,
        {% for column in target_columns() -%}
            coalesce(owners.{{ column }}, charges.{{ column }}, '(unallocated)') as owner_{{ column }},
        {% endfor -%}
        case
            when charges.method = 'unlogged' then 'the vendor counts usage that no log has'
            when owners.reason is not null then owners.reason
            when charges.method = 'none' and charges.own_part = 'idle' then 'idle, and no rule names who bears it'
            when charges.method = 'none' and charges.own_part is not null then 'unused, and no rule names who bears it'
            when charges.method = 'none' then 'no tag names a target and no rule matches'
        end as reason
    from {{ ref('int_charge_rules') }} as charges
    left join {{ ref('int_allocation_targets') }} as owners
        on charges.method in ('direct', 'none') and charges.rule_key = owners.rule_key
    where charges.method in ('own_tags', 'direct', 'none', 'unlogged')

),

claimed as (

    select
        charge_date,
        cost_line_id,
        rule_id,
        case method when 'own_tags' then 'direct' when 'unlogged' then 'usage' else method end as method,
        coalesce(own_part, 'direct') as part,
        reason,
        {{ first_and_last_day() }},
        {% for column in target_columns() -%}
            {% if column == 'workflow' -%}
                case when method = 'unlogged' then '(unlogged usage)' else owner_workflow end as workflow,
            {% else -%}
                owner_{{ column }} as {{ column }},
            {% endif -%}
        {% endfor -%}
        cast(1 as {{ money() }}) as allocation_ratio,
        {{ comma_list(cost_columns()) }}
    from single
    union all
    select
        charges.charge_date,
        charges.cost_line_id,
        case parts.kind when 'logged' then charges.rule_id when 'unlogged' then 'unlogged-usage' else 'unreconciled' end as rule_id,
        'usage' as method,
        'direct' as part,
        parts.reason,
        parts.call_date as part_from,
        parts.call_date as part_to,
        {{ targets('parts') }},
        {{ comma_list(allocated_amounts(), 'parts') }}
    from {{ ref('int_charge_rules') }} as charges
    inner join {{ ref('int_usage_parts') }} as parts
        on charges.charge_date = parts.charge_date and charges.cost_line_id = parts.cost_line_id
    where charges.method = 'reconciled'
    union all
    select
        charge_date,
        cost_line_id,
        rule_id,
        method,
        'direct' as part,
        reason,
        charge_date as part_from,
        charge_date as part_to,
        {{ targets() }},
        {{ comma_list(allocated_amounts()) }}
    from {{ ref('int_metered_parts') }}
    union all
    select
        charge_date,
        cost_line_id,
        rule_id,
        'usage' as method,
        'direct' as part,
        cast(null as varchar) as reason,
        charge_date as part_from,
        charge_date as part_to,
        {{ targets() }},
        {{ comma_list(allocated_amounts()) }}
    from {{ ref('int_provisioned_parts') }}

)

select
    {{ comma_list(part_columns() | reject('in', ['rule_path', 'driver'])) }},
    rule_id as rule_path,
    cast(null as varchar) as driver
from claimed
union all
select
    {{ comma_list(part_columns() | reject('in', ['rule_path', 'driver'])) }},
    rule_path,
    driver
from {{ ref('int_measured_parts') }}
