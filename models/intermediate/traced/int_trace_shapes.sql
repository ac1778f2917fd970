{{ config(materialized='days', day='span_date', day_before=1) }}

-- What spans tell of a trace's part of a day that its calls do not: tools, agents, and turns of these.
with recursive spans as (

    select
        span_date,
        trace_id,
        span_id,
        parent_id,
        kind,
        is_lookup
    from {{ ref('int_steps') }}
    where {{ in_days('span_date', 1, 0) }}

),

{{ climbed('spans') }},

tools as (

    select
        span_date,
        trace_id,
        count(*) as tool_calls
    from {{ ref('int_tool_calls') }}
    where {{ in_days('span_date') }}
    group by span_date, trace_id

),

calls as (

    select
        spans.span_date,
        spans.trace_id,
        max(placed.depth) as span_depth,
        bool_or(placed.is_in_agent) as has_agent,
        -- A step is one turn, however many calls it takes; an agent without steps turns with each call.
        count(distinct case when placed.is_in_agent and not spans.is_lookup then coalesce(placed.step_id, placed.call_span_id) end)
            as agent_turns
    from spans
    inner join placed
        on spans.span_date = placed.span_date and spans.trace_id = placed.trace_id and spans.span_id = placed.call_span_id
    where spans.kind = 'model' and {{ in_days('spans.span_date') }}
    group by spans.span_date, spans.trace_id

),

shapes as (

    select
        coalesce(calls.span_date, tools.span_date) as span_date,
        coalesce(calls.trace_id, tools.trace_id) as trace_id,
        calls.span_depth,
        coalesce(calls.has_agent, false) as has_agent,
        coalesce(calls.agent_turns, 0) as agent_turns,
        coalesce(tools.tool_calls, 0) as tool_calls
    from calls
    full outer join tools on calls.span_date = tools.span_date and calls.trace_id = tools.trace_id

)

-- A call that a gateway saw, too, may count in the gateway's trace.
select
    shapes.span_date,
    coalesce(aliases.trace_id, shapes.trace_id) as trace_id,
    cast(max(shapes.span_depth) as bigint) as span_depth,
    bool_or(shapes.has_agent) as has_agent,
    cast(sum(shapes.agent_turns) as bigint) as agent_turns,
    cast(sum(shapes.tool_calls) as bigint) as tool_calls
from shapes
left join {{ trace_aliases() }} as aliases on shapes.span_date = aliases.call_date and shapes.trace_id = aliases.named_trace_id
group by shapes.span_date, coalesce(aliases.trace_id, shapes.trace_id)
