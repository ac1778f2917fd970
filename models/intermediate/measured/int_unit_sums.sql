-- Numerators and denominators of every metered unit cost, by day: what is divided is summed first, at every grain.
with usage as (

    select * from {{ ref('int_usage_by_target') }}

),

runs as (

    select * from {{ ref('int_runs_by_target') }}

)

{% for basis in ['list', 'contracted'] -%}
    select
        'inference' as metric,
        target_type,
        target,
        call_date as sum_date,
        'metered_{{ basis }}' as cost_basis,
        counted_{{ basis }}_cost_usd as cost_usd,
        cast(null as {{ money() }}) as known_cost_usd,
        cast(priced_calls as decimal(38, 6)) as units,
        cast(0 as decimal(38, 6)) as unknown_units,
        cast(priced_calls as decimal(38, 6)) as covered,
        cast(calls as decimal(38, 6)) as coverable
    from usage
    union all
    select
        'thousand_tokens' as metric,
        target_type,
        target,
        call_date as sum_date,
        'metered_{{ basis }}' as cost_basis,
        {{ basis }}_cost_usd as cost_usd,
        cast(null as {{ money() }}) as known_cost_usd,
        cast(priced_tokens as decimal(32, 0)) * 0.001 as units,
        cast(0 as decimal(38, 6)) as unknown_units,
        cast(priced_tokens as decimal(38, 6)) as covered,
        cast(tokens as decimal(38, 6)) as coverable
    from usage
    union all
    select
        metric,
        target_type,
        target,
        run_date as sum_date,
        'metered_{{ basis }}' as cost_basis,
        {{ basis }}_cost_usd as cost_usd,
        known_{{ basis }}_cost_usd as known_cost_usd,
        cast(successes as decimal(38, 6)) as units,
        cast(unknown_runs as decimal(38, 6)) as unknown_units,
        cast(runs - unknown_runs as decimal(38, 6)) as covered,
        cast(runs as decimal(38, 6)) as coverable
    from runs
    {{ 'union all' if not loop.last }}
{% endfor %}
