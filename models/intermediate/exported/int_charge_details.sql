{% for source, model in models_of('charges').items() -%}
    select
        cost_line_id,
        charge_date,
        {{ comma_list(charge_detail_types()) }}
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
