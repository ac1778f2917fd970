-- Law 1: in the charge's currency and in USD, whatever share of it is AI.
{%- set costs = ['effective_cost', 'billed_cost_usd', 'effective_cost_usd'] %}
with scoped as (

    select
        cost_line_id,
        {% for cost in costs -%}
            sum({{ cost }}) as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_scoped_costs') }}
    where {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}
    group by cost_line_id

),

lines as (

    select * from {{ ref('fct_cost_lines') }}
    where {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}

)

select
    lines.cost_line_id as charge,
    scoped.cost_line_id as scopes_of_charge
from lines
full outer join scoped on lines.cost_line_id = scoped.cost_line_id
where
    lines.cost_line_id is null
    or scoped.cost_line_id is null
    {% for cost in costs -%}
        or lines.{{ cost }} is distinct from scoped.{{ cost }}
    {% endfor %}
