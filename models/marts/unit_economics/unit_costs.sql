{%- set metered_metrics = "metric in ('inference', 'active_customer', 'active_user', 'seat', 'agent_loop') or metric like 'thousand%'" %}
with sums as (

    {% for grain in ['day', 'week', 'month'] -%}
        select
            metric,
            target_type,
            target,
            '{{ grain }}' as period_grain,
            cast(date_trunc('{{ grain }}', sum_date) as date) as period_start,
            cost_basis,
            cost_usd,
            known_cost_usd,
            units,
            unknown_units,
            covered,
            coverable
        from {{ ref('int_unit_sums') }}
        {% if grain != 'month' %}where target_type in {{ daily_targets() }} and metric <> 'seat'{% endif %}
        union all
    {% endfor -%}
    -- Who is active in a period cannot be added up from its days.
    {% for basis in bases_of_runs() -%}
        select
            metric,
            target_type,
            target,
            period_grain,
            period_start,
            '{{ basis }}' as cost_basis,
            null as cost_usd,
            null as known_cost_usd,
            cast(units as decimal(38, 6)) as units,
            null as unknown_units,
            cast(calls as decimal(38, 6)) as covered,
            cast(0 as decimal(38, 6)) as coverable
        from {{ ref('int_active_units') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

periods as (

    select
        metric,
        target_type,
        target,
        period_grain,
        period_start,
        cost_basis,
        case when {{ metered_metrics }} then false else true end as is_of_runs,
        metric in ('active_customer', 'active_user') as is_of_people,
        -- Of calls none of which has a price nothing is known, which is not zero.
        case
            when not is_of_people and sum(coverable) > 0 and coalesce(sum(covered), 0) = 0 then nullif(sum(cost_usd), 0)
            else sum(cost_usd)
        end as cost_usd,
        sum(known_cost_usd) as known_cost_usd,
        coalesce(sum(units), 0) as units,
        coalesce(sum(unknown_units), 0) as unknown_units,
        coalesce(sum(covered), 0) as covered,
        sum(coverable) as coverable
    from sums
    group by metric, target_type, target, period_grain, period_start, cost_basis

)

select
    metric,
    target_type,
    target,
    period_grain,
    period_start,
    cost_basis,
    case
        when is_of_people and target_type not in ('{{ unit_targets() | join("', '") }}')
            then 'who uses a ' || case target_type when 'api_key' then 'key' when 'prompt_version' then 'prompt version' else 'model' end
                || ' is not counted'
        when cost_usd is null then 'no cost is known on this basis'
        when units = 0 then 'nothing to divide by in this period'
    end as value_missing_reason,
    {{ is_immature(
        period_end('period_grain', 'period_start'), "case when is_of_runs then " ~ maturity_days('periods.metric') ~ " else 0 end"
    ) }} as is_provisional,
    cast(units as decimal(38, 6)) as denominator_count,
    {{ share_of('covered', 'coverable') }} as coverage_ratio,
    cast(cost_usd as {{ money() }}) as numerator_usd,
    -- Over runs with a known outcome; a run without one has cost too, and stands in the range.
    cast(case when is_of_runs then known_cost_usd else cost_usd end as {{ money() }}) as known_numerator_usd,
    {{ per_unit('case when is_of_runs then known_cost_usd else cost_usd end', 'units') }} as value_usd,
    case
        when is_of_runs
            then {{ per_unit('cost_usd', 'units + unknown_units * (cast(units as double) / nullif(cast(covered as double), 0))') }}
        else {{ per_unit('cost_usd', 'units') }}
    end as value_low_usd,
    {{ per_unit('cost_usd', 'units') }} as value_high_usd
from periods
where units > 0 or cost_usd is not null or (coverable > 0 and not is_of_people)
