{{ config(materialized='days', day='call_date') }}

-- The day's sums of what calls weigh and bear.
{%- set sums = {
    'calls': 'bigint', 'priced_calls': 'bigint', 'tokens': 'bigint', 'priced_tokens': 'bigint', 'list_cost_usd': money(),
    'contracted_cost_usd': money(), 'billed_cost_usd': money(), 'effective_cost_usd': money(), 'fully_loaded_cost_usd': money(),
} %}
{%- set weighed = ['calls', 'priced_calls', 'tokens', 'priced_tokens', 'list_cost_usd', 'contracted_cost_usd'] %}
{%- set key = comma_list(['call_date', 'model', 'prompt_version', 'is_priced'] + target_columns()) %}
with consumed as (

    select
        {{ key }},
        {% for column, type in sums.items() -%}
            {{ column if column in weighed else 'cast(null as ' ~ type ~ ') as ' ~ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_trace_usage') }}
    where {{ in_days('call_date') }}
    union all
    select
        {{ key }},
        {% for column, type in sums.items() if column in weighed -%}
            cast(null as {{ type }}) as {{ column }},
        {% endfor -%}
        billed_cost_usd,
        effective_cost_usd,
        {{ borne_by_calls() }} as fully_loaded_cost_usd
    from {{ ref('int_trace_costs') }}
    where {{ in_days('call_date') }}

)

select
    {{ key }},
    {% for column, type in sums.items() -%}
        cast(sum({{ column }}) as {{ type }}) as {{ column }}{% if not loop.last %},{% endif %}
    {% endfor %}
from consumed
group by {{ key }}
