with calls as (

    select
        call_date,
        count(*) as calls,
        {% for class in token_classes() -%}
            coalesce(sum({{ class }}_tokens), 0) as {{ class }}_tokens,
        {% endfor -%}
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd
    from {{ ref('fct_llm_calls') }}
    where {{ in_unpublished_days(ref('fct_llm_calls'), 'call_date') }}
    group by call_date

),

usage as (

    select
        usage_date,
        sum(call_count) as calls,
        {% for class in token_classes() -%}
            coalesce(sum({{ class }}_tokens), 0) as {{ class }}_tokens,
        {% endfor -%}
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd
    from {{ ref('fct_usage_daily') }}
    where grain_source = 'call_log' and {{ in_unpublished_days(ref('fct_llm_calls'), 'usage_date') }}
    group by usage_date

)

select *
from calls
full outer join usage on calls.call_date = usage.usage_date
where
    calls.calls is distinct from usage.calls
    or calls.list_cost_usd is distinct from usage.list_cost_usd
    or calls.contracted_cost_usd is distinct from usage.contracted_cost_usd
    {% for class in token_classes() -%}
        or calls.{{ class }}_tokens is distinct from usage.{{ class }}_tokens
    {% endfor %}
