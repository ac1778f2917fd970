-- By file and row, which cost nothing to read, where a charge's own id is a hash of the whole line.
{% for source, parts in landed_sources().items() if parts.kind == 'charges' -%}
    select
        charge_date,
        file_hash,
        file_row,
        {{ comma_list(charge_detail_types()) }}
    from {{ ref(parts.rows) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
