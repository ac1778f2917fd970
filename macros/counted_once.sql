{# Which version of a repeated record stays: the latest, then the fullest; ties by content (the file's hash and row). #}
{% macro litellm_version_order() %}ended_at desc, total_tokens desc, _file_hash, _row{% endmacro %}
{% macro llm_calls_version_order() %}ended_at desc, {{ tokens_sum(token_classes()) }} desc, _file_hash, _row{% endmacro %}

{#
  The landed rows that counting once leaves out: found by their ids alone, since whole rows are wide and repeats are few.
#}
{% macro duplicates(source_name, id, version_order) -%}
with source as (

    select * from {{ source('raw', source_name) }}

),

repeated as (

    select
        day,
        {{ id }}
    from source
    group by day, {{ id }}
    having count(*) > 1

),

ranked as (

    select
        source.day as call_date,
        '{{ source_name }}' as source,
        source._file_hash as file_hash,
        source._row as file_row,
        source.{{ id }} as call_id,
        row_number() over (partition by source.day, source.{{ id }} order by {{ version_order }}) as version
    from source
    inner join repeated on source.day = repeated.day and source.{{ id }} = repeated.{{ id }}

)

select * from ranked
where version > 1
{%- endmacro %}

{# Tokens of an including class without those counted inside it. Where they cannot lie inside, they were counted beside it. #}
{% macro inner_tokens(including, inside) -%}
  case
    when {{ including }} >= {% for c in inside %}coalesce({{ c }}_tokens, 0){{ ' + ' if not loop.last }}{% endfor %}
    then {{ including }} - ({% for c in inside %}coalesce({{ c }}_tokens, 0){{ ' + ' if not loop.last }}{% endfor %})
    else {{ including }}
  end
{%- endmacro %}

{% macro allocation_targets() -%}
  {{ return(['environment', 'team', 'product', 'feature', 'workflow', 'customer']) }}
{%- endmacro %}

{% macro target_column(target) -%}
  {{ return('customer_id' if target == 'customer' else target) }}
{%- endmacro %}

{% macro target_columns() -%}
  {%- set columns = [] -%}
  {%- for target in allocation_targets() -%}{%- do columns.append(target_column(target)) -%}{%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{# For business rows: what makes two rows versions of one, and which of them holds. #}
{% macro business_keys() -%}
  {{ return({
    'customers': ['customer_id', 'valid_from'],
    'revenue': ['customer_id', 'product', 'feature', 'month', 'currency', 'revenue_kind'],
    'outcomes': ['outcome_id'],
  }) }}
{%- endmacro %}

{% macro business_version_order(source_name) -%}
  {%- if source_name == 'outcomes' -%}
    occurred_at desc,
    case status when 'reversed' then 3 when 'success' then 2 when 'failure' then 2 when 'abandoned' then 1 else 0 end desc,
  {%- endif %} _file_hash, _row desc
{%- endmacro %}

{# The rows that a later row of the same key replaced: found by their keys alone, as repeats are few. #}
{% macro replaced_rows(source_name) -%}
{%- set keys = business_keys()[source_name] -%}
with source as (

    select * from {{ source('raw', source_name) }}

),

repeated as (

    select {{ keys | join(', ') }}
    from source
    group by {{ keys | join(', ') }}
    having count(*) > 1

),

ranked as (

    select
        source._file_hash as file_hash,
        source._row as file_row,
        row_number() over (
            partition by source.{{ keys | join(', source.') }} order by {{ business_version_order(source_name) }}
        ) as version
    from source
    inner join repeated
        on {% for key in keys %}source.{{ key }} is not distinct from repeated.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}

)

select
    '{{ source_name }}' as source,
    file_hash,
    file_row
from ranked
where version > 1
{%- endmacro %}
