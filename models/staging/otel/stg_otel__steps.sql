select
    spans.day as span_date,
    spans.trace_id,
    spans.span_id,
    nullif(spans.parent_span_id, '') as parent_id,
    spans.tool,
    -- A request that failed and tells no usage is a call, and no turn.
    case
        when spans.has_usage and not spans.is_failed_request and wrappers.span_id is null then 'model'
        else {{ span_kind('spans.operation', 'spans.tool') }}
    end as kind,
    {{ is_lookup('spans.operation') }} as is_lookup,
    spans.started_at,
    spans.ended_at
from {{ ref('stg_otel__spans') }} as spans
left join {{ ref('stg_otel__wrappers') }} as wrappers
    on spans.day = wrappers.span_date and spans.trace_id = wrappers.trace_id and spans.span_id = wrappers.span_id
