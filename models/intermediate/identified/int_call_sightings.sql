{% for model in models_of('calls').values() -%}
    select
        {{ call_columns() }},
        {{ targets() }},
        {{ comma_list(attributed_by_columns()) }},
        -- A span that Langfuse was sent keeps its ids there.
        case when source = 'langfuse' and trace_id is not null then 'otel|' || trace_id || '-' || call_id else source || '|' || call_id end
            as own_id,
        {{ tokens_sum(token_classes()) }} as all_tokens,
        {{ known_token_classes() }} as known_classes
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
