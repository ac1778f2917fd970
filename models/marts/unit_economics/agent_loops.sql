with costed as (

    -- What a loop costs is what the models and what they run on cost: human work is the same however often the agent turned.
    select
        *,
        cast(date_trunc('week', trace_date) as date) as week_start,
        case
            when effective_cost_usd is not null or infrastructure_cost_usd is not null
                then coalesce(effective_cost_usd, 0) + coalesce(infrastructure_cost_usd, 0)
        end as running_cost_usd
    from {{ ref('fct_traces') }}
    where loop_count > 0

),

runs as (

    select
        *,
        row_number() over (partition by workflow, week_start order by running_cost_usd desc nulls last, trace_id asc) as cost_rank,
        count(running_cost_usd) over (partition by workflow, week_start) as known_runs
    from costed

)

select
    md5(runs.workflow || '|' || runs.week_start) as agent_loops_key,
    runs.workflow,
    runs.week_start,
    cast(max(runs.expected_loop_count) as bigint) as expected_loops,
    cast(count(*) as bigint) as run_count,
    cast(count(*) filter (where runs.loops_found_by = 'spans') as bigint) as run_with_spans_count,
    cast(count(*) filter (where runs.loop_count > runs.expected_loop_count) as bigint) as run_past_expected_count,
    cast(sum(runs.loop_count) as bigint) as loop_count,
    cast(sum(runs.retry_count) as bigint) as retry_count,
    cast(sum(runs.tool_call_count) as bigint) as tool_call_count,
    cast(sum(runs.unpriced_call_count) as bigint) as unpriced_call_count,
    cast({{ quantile('runs.loop_count', 0.5) }} as bigint) as loops_p50,
    cast({{ quantile('runs.loop_count', 0.9) }} as bigint) as loops_p90,
    cast({{ quantile('runs.loop_count', 0.99) }} as bigint) as loops_p99,
    cast(max(runs.loop_count) as bigint) as loops_max,
    {{ per_unit('sum(runs.loop_count)', 'count(*)') }} as loops_per_run,
    {{ share_of(
        'sum(runs.running_cost_usd) filter (where runs.cost_rank <= ceil(runs.known_runs * 0.1))', 'sum(runs.running_cost_usd)'
    ) }} as last_decile_cost_ratio,
    {{ joined("case when runs.cost_rank <= least(3, runs.known_runs) then runs.trace_id end", 'runs.cost_rank') }} as costliest_trace_ids,
    {% for cost in ['contracted', 'effective', 'fully_loaded'] -%}
        cast(sum(runs.{{ cost }}_cost_usd) as {{ money() }}) as {{ cost }}_cost_usd,
        {{ per_unit('sum(runs.' ~ cost ~ '_cost_usd)', 'sum(runs.loop_count) filter (where runs.' ~ cost ~ '_cost_usd is not null)') }}
            as {{ cost }}_cost_per_loop_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from runs
group by runs.workflow, runs.week_start
