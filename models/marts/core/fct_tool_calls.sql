{{ config(materialized='days', day='call_date', day_before=1) }}

select
    md5(tools.span_date || '|' || tools.trace_id || '|' || tools.span_id) as tool_call_key,
    tools.span_id as call_id,
    coalesce(aliases.trace_id, tools.trace_id) as trace_id,
    tools.started_at as called_at,
    tools.ended_at,
    tools.span_date as call_date,
    tools.tool,
    {{ seconds_between('tools.started_at', 'tools.ended_at') }} as duration_seconds
from {{ ref('int_tool_calls') }} as tools
left join {{ trace_aliases() }} as aliases on tools.span_date = aliases.call_date and tools.trace_id = aliases.named_trace_id
where {{ in_days('tools.span_date') }}
