-- Money that stands in its own currency alone, since no rate of it holds on its day.
select
    charge_date as amount_date,
    source,
    vendor as subject,
    billing_currency as currency,
    count(*) as record_count,
    cast(sum(coalesce(billed_cost, effective_cost)) as {{ money() }}) as amount
from {{ ref('int_cost_lines') }}
where coalesce(billed_cost, effective_cost) is not null and coalesce(billed_cost_usd, effective_cost_usd) is null
group by charge_date, source, vendor, billing_currency
{% for source, model, day, amount in [
    ('revenue', 'int_revenue', 'revenue_month', 'amount'),
    ('budgets', 'int_budgets', 'month', 'amount'),
    ('outcomes', 'int_outcome_values', 'occurred_date', 'value'),
] -%}
    union all
    select
        {{ day }} as amount_date,
        '{{ source }}' as source,
        cast(null as varchar) as subject,
        currency,
        count(*) as record_count,
        cast(sum({{ amount }}) as {{ money() }}) as amount
    from {{ ref(model) }}
    where {{ amount }} is not null and {{ amount }}_usd is null
    group by {{ day }}, currency
{% endfor %}
