{% for source in ['otel', 'langfuse'] -%}
    select
        span_date,
        trace_id,
        span_id,
        parent_id,
        kind,
        is_lookup,
        tool,
        started_at,
        ended_at
    from {{ ref('stg_' ~ source ~ '__steps') }}
    where trace_id is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
