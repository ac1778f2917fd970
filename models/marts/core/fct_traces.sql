{{ config(materialized='days', day='trace_date') }}

select
    md5(trace_id || '|' || trace_date) as trace_key,
    trace_id,
    trace_date,
    started_at,
    ended_at,
    status,
    {{ targets() }},
    is_fragment,
    outcome_id,
    outcome_status,
    models,
    loops_found_by,
    {{ seconds_between('started_at', 'ended_at') }} as duration_seconds,
    span_depth,
    cast(outcomes as bigint) as outcome_count,
    loops as loop_count,
    cast(expected_loops as bigint) as expected_loop_count,
    tool_calls as tool_call_count,
    context_growth_tokens,
    calls as call_count,
    failed_calls as failed_call_count,
    retries as retry_count,
    unpriced_calls as unpriced_call_count,
    {% for class in token_classes() -%}
        {{ class }}_tokens,
    {% endfor -%}
    list_cost_usd,
    contracted_cost_usd,
    billed_cost_usd,
    effective_cost_usd,
    infrastructure_cost_usd,
    licences_cost_usd,
    human_work_cost_usd,
    fully_loaded_cost_usd
from {{ ref('int_costed_runs') }}
where {{ in_days('trace_date') }}
