{{ config(materialized='days', day='charge_date', day_map='int_charge_day_map', meta={'fingerprint': 'content'}) }}
-- depends_on: {{ ref('int_charge_day_map') }}, {{ ref('int_cost_lines') }}, {{ ref('int_allocation_rules') }}
-- depends_on: {{ ref('int_allocation_targets') }}, {{ ref('int_usage_drivers') }}, {{ ref('int_driver_days') }}

-- The parts that rules hand on, step by step: each step divides what stands on the targets that it takes.
with parts_0 as (

    {{ parts_by_key(ref('int_first_parts'), 'is_taken and ' ~ in_days('charge_date')) }}

)

/* config */ {% set steps = chain_steps() -%}
{%- if steps %}
, drivers as (

    select * from {{ ref('int_usage_drivers') }}
    union all
    select * from {{ ref('int_driver_days') }}

)
{%- endif %}
{%- for priority in steps -%}
    {%- set before = 'parts_' ~ loop.index0 %}
, chosen_{{ loop.index }} as (

    select
        {{ comma_list(part_columns() | reject('in', rule_columns()) | list + ['target_key'], 'parts') }},
        {{ comma_list(rule_columns(), 'rules') }},
        case when rules.driver = 'seats' then lines.vendor else '(all)' end as driver_vendor
    from {{ before }} as parts
    inner join {{ ref('int_cost_lines') }} as lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
    inner join {{ ref('int_allocation_rules') }} as rules
        on
            rules.priority = {{ priority }}
            and rules.takes is not null
            and {{ rule_is_about('rules', 'lines', 'parts.part') }}
            and {{ rule_takes('rules', 'parts') }}
    qualify row_number() over (partition by {{ comma_list(part_key().split(', '), 'parts') }} order by rules.rule_id) = 1

),

{{ divided_by_rules('chosen_' ~ loop.index, 'given_' ~ loop.index, 'drivers') }},

parts_{{ loop.index }} as (

    select parts.* from {{ before }} as parts
    left join chosen_{{ loop.index }} as chosen on {{ same_columns_of('parts', 'chosen', part_key().split(', ')) }}
    where chosen.cost_line_id is null
    union all
    {{ parts_by_key('given_' ~ loop.index) }}

)
{%- endfor %} /* end config */

select {{ comma_list(part_columns()) }} from /* config */ parts_{{ steps | length }} /* end config */
