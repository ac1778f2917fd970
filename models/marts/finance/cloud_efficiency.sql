with spent as (

    select
        usage_month as month,
        sum(effective_cost_usd) as cost_usd,
        coalesce(sum(effective_cost_usd) filter (where {{ is_production('environment') }}), 0) as production_usd,
        coalesce(sum(effective_cost_usd) filter (where environment = '(unallocated)'), 0) as unknown_environment_usd
    from {{ ref('fct_allocated_costs') }}
    group by usage_month

),

earned as (

    select
        revenue_month as month,
        sum(amount_usd) as revenue_usd,
        count(*) filter (where amount_usd is null) as unconverted
    from {{ ref('int_revenue') }}
    where revenue_kind = 'recognised'
    group by revenue_month

),

months as (

    select
        coalesce(spent.month, earned.month) as month,
        spent.cost_usd,
        spent.production_usd,
        spent.unknown_environment_usd,
        earned.revenue_usd,
        coalesce(earned.unconverted, 0) as unconverted
    from spent
    full outer join earned on spent.month = earned.month

),

surveyed as (

    select
        min(what_it_measures) as what_it_measures,
        {% for figure in ['lower_quartile', 'median', 'upper_quartile'] -%}
            max({{ figure }}_ratio) filter (where survey = 'before') as survey_before_{{ figure }}_ratio,
            max({{ figure }}_ratio) filter (where survey = '2026') as survey_2026_{{ figure }}_ratio{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('efficiency_benchmarks') }}

)

select
    months.month,
    case
        when months.revenue_usd is null then 'no recognised revenue in USD in this month'
        when months.revenue_usd <= 0 then 'recognised revenue is not above zero'
        when months.cost_usd is null then 'no cost in the ledger in this month'
    end as revenue_efficiency_missing_reason,
    case
        when months.cost_usd is null then 'no cost in the ledger in this month'
        when months.cost_usd <= 0 then 'cost is not above zero'
    end as production_share_missing_reason,
    surveyed.what_it_measures as survey_definition,
    cast(months.unconverted as bigint) as unconverted_revenue_count,
    {{ ratio_of('(months.revenue_usd - months.cost_usd)', 'months.revenue_usd') }} as revenue_efficiency_ratio,
    {{ ratio_of('months.production_usd', 'months.cost_usd') }} as production_share_ratio,
    {% for survey in ['before', '2026'] -%}
        {% for figure in ['lower_quartile', 'median', 'upper_quartile'] -%}
            surveyed.survey_{{ survey }}_{{ figure }}_ratio,
        {% endfor -%}
    {% endfor -%}
    cast(months.revenue_usd as {{ money() }}) as revenue_usd,
    cast(months.cost_usd as {{ money() }}) as effective_cost_usd,
    cast(months.production_usd as {{ money() }}) as production_cost_usd,
    cast(months.cost_usd - months.production_usd - months.unknown_environment_usd as {{ money() }}) as other_environment_cost_usd,
    cast(months.unknown_environment_usd as {{ money() }}) as unknown_environment_cost_usd
from months
cross join surveyed
