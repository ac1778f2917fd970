-- Calls are matched at most a day apart, and findings name an id that comes again two days later; this looks over all days.
{{ config(enabled=var('full_test', false), severity='warn') }}

{% for id in ['response_id', 'request_id'] -%}
    select
        '{{ id }}' as id_column,
        {{ id }} as id,
        min(call_date) as first_date,
        max(call_date) as last_date,
        count(*) as calls
    from {{ ref('int_calls_priced') }}
    where {{ id }} is not null
    group by {{ id }}
    having max(call_date) > min(call_date) + 1
    {{ 'union all' if not loop.last }}
{% endfor %}
