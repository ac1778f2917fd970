{{ config(materialized='days', day='span_date', day_before=1) }}

-- Calls of tools. A tool without a name that begins and ends within another one beneath the same span is an event of that.
with spans as (

    select
        span_date,
        trace_id,
        span_id,
        parent_id,
        tool,
        started_at,
        ended_at
    from {{ ref('int_steps') }}
    where kind = 'tool' and {{ in_days('span_date', 1, 0) }}

)

select
    spans.span_date,
    spans.trace_id,
    spans.span_id,
    max(spans.tool) as tool,
    min(spans.started_at) as started_at,
    max(spans.ended_at) as ended_at
from spans
left join spans as holders
    on
        holders.span_date between spans.span_date - 1 and spans.span_date
        and spans.trace_id = holders.trace_id
        and spans.parent_id = holders.parent_id
        and spans.tool is null
        and spans.started_at > holders.started_at
        and spans.ended_at <= holders.ended_at
where holders.span_id is null and {{ in_days('spans.span_date') }}
group by spans.span_date, spans.trace_id, spans.span_id
