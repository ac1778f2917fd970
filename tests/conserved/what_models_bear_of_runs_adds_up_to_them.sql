-- What the models of a day's runs bear adds up to what the runs cost, whatever metric counts them: human work alone is of no model.
{%- set costs = ['list_cost_usd', 'contracted_cost_usd', 'billed_cost_usd', 'effective_cost_usd'] %}
with sums as (

    select
        metric,
        run_date,
        {% for of in ['company', 'model', 'workflow_model'] -%}
            {% for cost in costs -%}
                coalesce(sum({{ cost }}) filter (where target_type = '{{ of }}'), 0) as {{ of }}_{{ cost }},
            {% endfor -%}
        {% endfor -%}
        sum(runs) as runs
    from {{ ref('int_runs_by_target') }}
    group by metric, run_date

)

select *
from sums
where
    {% for of in ['model', 'workflow_model'] -%}
        {% set last_of = loop.last -%}
        {% for cost in costs -%}
            company_{{ cost }} <> {{ of }}_{{ cost }}{{ ' or' if not (loop.last and last_of) }}
        {% endfor -%}
    {% endfor %}
