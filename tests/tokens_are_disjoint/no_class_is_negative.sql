-- Law 7: what is taken out of a total was in it.
select
    call_date,
    call_id,
    source
from {{ ref('fct_llm_calls') }}
where
    {{ in_unpublished_days(ref('fct_llm_calls'), 'call_date') }}
    and (
        {% for class in token_classes() -%}
            {{ class }}_tokens < 0{{ ' or ' if not loop.last }}
        {% endfor %}
    )
