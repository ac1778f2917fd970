-- Law 1: on every basis, in the charge's currency and in USD, exactly; and the shares of a charge add up to 1.
with parts as (

    select
        cost_line_id,
        sum(allocation_ratio) as allocation_ratio,
        {% for cost in cost_columns() -%}
            sum({{ cost }}) as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('fct_allocated_costs') }}
    where {{ in_unpublished_days(ref('fct_allocated_costs'), 'charge_date') }}
    group by cost_line_id

),

lines as (

    select * from {{ ref('fct_cost_lines') }}
    where {{ in_unpublished_days(ref('fct_allocated_costs'), 'charge_date') }}

)

select
    lines.cost_line_id as charge,
    parts.cost_line_id as parts_of_charge,
    parts.allocation_ratio
from lines
full outer join parts on lines.cost_line_id = parts.cost_line_id
where
    lines.cost_line_id is null
    or parts.cost_line_id is null
    or parts.allocation_ratio <> 1
    {% for cost in cost_columns() -%}
        or lines.{{ cost }} is distinct from parts.{{ cost }}
    {% endfor %}
