{% for model in models_of('calls').values() -%}
    select
        {{ call_columns() }},
        {{ targets() }},
        {{ comma_list(attributed_by_columns()) }},
        source || '|' || call_id as own_id,
        {{ tokens_sum(token_classes()) }} as all_tokens,
        {{ known_token_classes() }} as known_classes
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
