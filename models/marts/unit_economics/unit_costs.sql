with metered as (

    {% for grain in ['day', 'month'] -%}
        select
            metric,
            target_type,
            target,
            '{{ grain }}' as period_grain,
            cast(date_trunc('{{ grain }}', sum_date) as date) as period_start,
            cost_basis,
            metric not in ('inference', 'thousand_tokens') as is_of_runs,
            sum(cost_usd) as cost_usd,
            sum(known_cost_usd) as known_cost_usd,
            sum(units) as units,
            sum(unknown_units) as unknown_units,
            sum(covered) as covered,
            sum(coverable) as coverable
        from {{ ref('int_unit_sums') }}
        {% if grain == 'day' %}where target_type in ('company', 'team', 'product', 'feature', 'workflow', 'model', 'api_key'){% endif %}
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

effective as (

    -- What the usage of models really costs, by month: a bill's line may span days, and is not of one of them.
    {% for target_type, column in run_targets().items() -%}
        select
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            usage_month,
            sum(effective_cost_usd) as effective_cost_usd
        from {{ ref('fct_allocated_costs') }}
        where rule_id = 'own-usage' or rule_id like 'usage-of-%'
        group by target, usage_month
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

every_basis as (

    select * from metered
    union all
    select
        metered.metric,
        metered.target_type,
        metered.target,
        metered.period_grain,
        metered.period_start,
        'effective' as cost_basis,
        false as is_of_runs,
        effective.effective_cost_usd as cost_usd,
        null as known_cost_usd,
        metered.units,
        metered.unknown_units,
        metered.covered,
        metered.coverable
    from metered
    inner join effective
        on
            metered.target_type = effective.target_type
            and metered.target = effective.target
            and metered.period_start = effective.usage_month
    where metered.period_grain = 'month' and metered.cost_basis = 'metered_list' and not metered.is_of_runs

)

select
    metric,
    target_type,
    target,
    period_grain,
    period_start,
    cost_basis,
    case when units is null or units = 0 then 'nothing to divide by in this period' end as value_missing_reason,
    cast({{ period_end('period_grain', 'period_start') }} as timestamp)
    + case when is_of_runs then interval '{{ var("maturity_days", 30) }}' day else interval '0' day end
    > {{ now_utc() }} as is_provisional,
    cast(units as decimal(38, 6)) as denominator_count,
    {{ share_of('covered', 'coverable') }} as coverage_ratio,
    cast(cost_usd as {{ money() }}) as numerator_usd,
    -- Over runs with a known outcome; a run without one has cost too, and stands in the range.
    {{ per_unit('case when is_of_runs then known_cost_usd else cost_usd end', 'units') }} as value_usd,
    case
        when is_of_runs
            then {{ per_unit('cost_usd', 'units + unknown_units * (cast(units as double) / nullif(cast(covered as double), 0))') }}
        else {{ per_unit('cost_usd', 'units') }}
    end as value_low_usd,
    {{ per_unit('cost_usd', 'units') }} as value_high_usd
from every_basis
