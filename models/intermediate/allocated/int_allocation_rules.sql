with rules as (

    select * from {{ ref('stg_company__allocation_rules') }}

),

named as (

    select
        *,
        {% for target in allocation_targets() -%}
            {{ named_target('takes', target) }} as takes_{{ target }},
            {{ named_target('targets', target) }} as gives_{{ target }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from rules

)

select
    rule_id,
    rule_id || '|' || coalesce(cast(valid_from as varchar), '') as rule_key,
    priority,
    provider,
    service,
    charge_category,
    account,
    tag,
    text,
    part,
    takes,
    coalesce(takes, '') = 'nobody' as takes_nobody,
    {% for target in allocation_targets() -%}
        takes_{{ target }},
    {% endfor -%}
    method,
    case
        when method = 'cost_share' then 'direct_cost'
        else coalesce(driver, case method when 'even' then 'calls' else 'calls_cost' end)
    end as driver,
    -- Its targets are listed; else a driver names them.
    method in ('direct', 'fixed_split', 'none') or (method = 'even' and contains(coalesce(targets, ''), '=')) as is_listed,
    -- It names no target that the driver is to name: it is about all of them.
    {% for target in allocation_targets() -%}
        coalesce(gives_{{ target }}, '') <> '*'{{ ' and ' if not loop.last }}
    {%- endfor %} as gives_all,
    {% for target in allocation_targets() -%}
        gives_{{ target }},
    {% endfor -%}
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from named
