{#
  The spans that seem to be a model call and hold another one, at whatever depth: what they report, their children report. Climbs
  from each call to the spans above it, in whatever files they came, as far as all of them lie within a day of the one that holds the
  call: what a day says is then the same whatever days are built with it. `columns`: trace, span, parent. What tells its usage (`tells`;
  else any call) is no wrapper of what does not.
#}
{% macro wrappers(source_name, columns, is_call, tells='true') -%}
{%- set trace, span, parent = columns -%}
with recursive spans as (

    select distinct
        day,
        {{ trace }} as trace_id,
        {{ span }} as span_id,
        {{ parent }} as parent_id,
        {{ is_call }} as is_call,
        {{ tells }} as tells
    from {{ source('raw', source_name) }}
    where {{ in_days('day', 1, 1) }}

),

above as (

    select
        trace_id,
        span_id as call_span_id,
        parent_id as span_id,
        tells,
        1 as depth,
        day as least_day,
        day as greatest_day
    from spans
    where is_call and parent_id is not null
    union
    select
        spans.trace_id,
        above.call_span_id,
        spans.parent_id as span_id,
        above.tells,
        above.depth + 1 as depth,
        least(above.least_day, spans.day) as least_day,
        greatest(above.greatest_day, spans.day) as greatest_day
    from above
    inner join spans on above.trace_id = spans.trace_id and above.span_id = spans.span_id
    where spans.parent_id is not null and above.depth < 64

)

select distinct
    spans.day as span_date,
    spans.trace_id,
    spans.span_id
from spans
inner join above
    on
        spans.trace_id = above.trace_id
        and spans.span_id = above.span_id
        and above.least_day >= spans.day - 1
        and above.greatest_day <= spans.day + 1
        and (above.tells or not spans.tells)
-- Spans that are each other's parents hold none.
left join above as back
    on
        above.trace_id = back.trace_id
        and above.span_id = back.call_span_id
        and above.call_span_id = back.span_id
        and back.least_day >= spans.day - 1
        and back.greatest_day <= spans.day + 1
where spans.is_call and back.trace_id is null and {{ in_days('spans.day') }}
{%- endmacro %}
