-- depends_on: {{ ref('int_cost_lines') }}, {{ ref('int_allocation_rules') }}

-- What a charge's parts are before rules hand them on.
with parts as (

    select {{ comma_list(part_columns()) }} from {{ ref('int_claimed_parts') }}
    union all
    select {{ comma_list(part_columns()) }} from {{ ref('int_shared_parts') }}

)

select
    parts.*,
    /* config */ {% if chain_steps() -%}
        exists (
            select 1 from {{ ref('int_cost_lines') }} as lines
            inner join {{ ref('int_allocation_rules') }} as rules
                on rules.takes is not null and {{ rule_is_about('rules', 'lines', 'parts.part') }} and {{ rule_takes('rules', 'parts') }}
            where lines.charge_date = parts.charge_date and lines.cost_line_id = parts.cost_line_id
        )
    {%- else -%}
        false
    {%- endif %} /* end config */ as is_taken
from parts
