{%- set this_month = month_of('cast(' ~ now_utc() ~ ' as date)') %}
{%- set spend = ['usage_month', 'billing_currency', 'cost_status'] %}
{%- set sums = ['sum(effective_cost) filter (where effective_cost_usd is not null) as converted_cost',
    'sum(effective_cost_usd) as effective_cost_usd', 'count(*) filter (where effective_cost_usd is null) as unknown_count'] %}
with allocated as (

    select
        {{ targets('parts') }},
        coalesce(places.cost_centre, '(unassigned)') as cost_centre,
        coalesce(places.legal_entity, '(unassigned)') as legal_entity,
        {{ comma_list(spend, 'parts') }},
        {{ sums | join(', ') }}
    from {{ ref('fct_allocated_costs') }} as parts
    left join {{ ref('int_team_places') }} as places on parts.team = places.team and {{ is_valid('places', 'parts.part_from') }}
    group by all

),

lines as (

    select vendor, {{ comma_list(spend) }}, {{ sums | join(', ') }}
    from {{ ref('fct_cost_lines') }}
    group by all

),

scoped as (

    select category, {{ comma_list(spend) }}, {{ sums | join(', ') }}
    from {{ ref('int_scoped_costs') }}
    where scope = 'ai'
    group by all

),

spent as (

    {% for scope_type, (relation, scope) in budget_scopes().items() -%}
        select
            '{{ scope_type }}' as scope_type,
            {{ scope }} as scope_name,
            {{ comma_list(spend) }},
            cast(converted_cost as {{ money() }}) as charged,
            effective_cost_usd,
            unknown_count
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    -- What a currency is worth otherwise when it is spent than when it was budgeted is no spending.
    select
        planned.*,
        count(spent.scope_name) as spends,
        sum(spent.effective_cost_usd) filter (where spent.usage_month = planned.month) as spent_usd,
        sum(spent.effective_cost_usd) filter (where spent.usage_month = planned.month and spent.cost_status = 'accrued') as accrued_usd,
        coalesce(sum(spent.unknown_count) filter (where spent.usage_month = planned.month), 0) as unknown_count,
        sum(spent.effective_cost_usd - {{ times('spent.charged', 'budgets.budget_rate') }}) as fx_usd
    from {{ ref('int_budgets_by_month') }} as planned
    left join spent on planned.scope_type = spent.scope_type and planned.scope = spent.scope_name
    left join {{ ref('int_budgets_by_scope') }} as budgets
        on
            spent.scope_type = budgets.scope_type
            and spent.scope_name = budgets.scope
            and spent.usage_month = budgets.month
            and planned.month = budgets.month
            and spent.billing_currency = budgets.currency and budgets.currency <> 'USD'
    group by all

),

judged as (

    select
        *,
        case when spends > 0 and month <= {{ this_month }} and (spent_usd is not null or unknown_count = 0)
                then coalesce(spent_usd, 0) end as actual_usd,
        case
            when month > {{ this_month }} then 'the month has not begun'
            when spends = 0 then 'no charge names this scope'
            when spent_usd is null and unknown_count > 0 then 'nothing of what was spent has an amount in USD'
            when budget_usd is null then 'no exchange rate for ' || unknown_currency || ' on the first day of the month'
            when budget_usd = 0 then 'nothing was budgeted: there is a variance, and no ratio'
        end as variance_missing_reason
    from compared

)

select
    md5(scope_type || '|' || coalesce(scope, '') || '|' || month) as budget_variance_key,
    month,
    scope_type,
    scope,
    budget_currency,
    variance_missing_reason,
    month = {{ this_month }} as is_provisional,
    budget_count,
    cast(unknown_count as bigint) as unknown_count,
    {{ per_unit('(actual_usd - budget_usd)', 'budget_usd') }} as variance_ratio,
    budget_amount,
    budget_usd,
    cast(actual_usd as {{ money() }}) as actual_usd,
    cast(case when actual_usd is not null then coalesce(accrued_usd, 0) end as {{ money() }}) as accrued_usd,
    cast(actual_usd - budget_usd as {{ money() }}) as variance_usd,
    cast(case when actual_usd is not null and budget_usd is not null then coalesce(fx_usd, 0) end as {{ money() }}) as fx_usd,
    cast(actual_usd - budget_usd - coalesce(fx_usd, 0) as {{ money() }}) as spend_variance_usd
from judged
