{% for parts in landed_sources().values() | selectattr('gaps', 'defined') -%}
    select
        source,
        report,
        missing_date
    from {{ ref(parts.gaps) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
