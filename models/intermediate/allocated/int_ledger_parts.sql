-- All parts of all charges, with the tax that follows them.
{%- set columns = part_columns() + ['place_from', 'cost_class'] %}
select {{ comma_list(columns) }} from {{ ref('int_allocated_parts') }}
union all
select {{ comma_list(columns) }} from {{ ref('int_tax_parts') }}
