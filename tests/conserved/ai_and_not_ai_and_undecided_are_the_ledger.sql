-- Law 1: a share of AI divides a charge exactly, and by month and basis nothing is lost or added beside the ledger.
{%- set bases = ['billed_cost_usd', 'effective_cost_usd'] %}
with scoped as (

    select
        month as usage_month,
        {% for cost in bases -%}
            sum(coalesce({{ cost }}, 0) + coalesce(undecided_{{ cost }}, 0) + coalesce(not_ai_{{ cost }}, 0))
                as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('total_cost_of_ai') }}
    where not is_imputed
    group by month

),

ledger as (

    select
        usage_month,
        {% for cost in bases -%}
            sum(coalesce({{ cost }}, 0)) as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('fct_cost_lines') }}
    group by usage_month

)

select *
from scoped
full outer join ledger on scoped.usage_month = ledger.usage_month
where
    false
    {% for cost in bases -%}
        or scoped.{{ cost }} is distinct from ledger.{{ cost }}
    {% endfor %}
