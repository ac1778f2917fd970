with spend as (

    select
        {{ month_of('call_date') }} as month,
        *
    from {{ ref('int_usage_daily') }}

),

by_dimension as (

    {% for dimension in ['customer', 'feature', 'workflow', 'team', 'product', 'environment'] -%}
        select
            month,
            '{{ dimension }}' as dimension,
            sum(contracted_cost_usd) as spend_usd,
            sum(contracted_cost_usd) filter (where {{ target_column(dimension) }} <> '(unallocated)') as traced_usd,
            sum(calls) as calls,
            sum(calls) filter (where pricing_status = 'unpriced') as unpriced_calls
        from spend
        group by month
        union all
    {% endfor %}
    select
        month,
        'transaction' as dimension,
        sum(contracted_cost_usd) as spend_usd,
        sum(traced_contracted_cost_usd) as traced_usd,
        sum(calls) as calls,
        sum(calls) filter (where pricing_status = 'unpriced') as unpriced_calls
    from spend
    group by month

)

select
    by_dimension.month,
    by_dimension.dimension,
    'metered_contracted' as cost_basis,
    benchmarks.survey_share_ratio,
    benchmarks.what_it_measures as survey_definition,
    cast(by_dimension.calls as bigint) as call_count,
    cast(coalesce(by_dimension.unpriced_calls, 0) as bigint) as unpriced_call_count,
    {{ share_of('coalesce(by_dimension.traced_usd, 0)', 'by_dimension.spend_usd') }} as visibility_ratio,
    cast(by_dimension.spend_usd as {{ money() }}) as spend_usd,
    cast(case when by_dimension.spend_usd is not null then coalesce(by_dimension.traced_usd, 0) end as {{ money() }}) as traced_usd
from by_dimension
left join {{ ref('visibility_benchmarks') }} as benchmarks on by_dimension.dimension = benchmarks.dimension
