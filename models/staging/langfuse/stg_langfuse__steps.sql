select
    spans.day as span_date,
    spans.trace_id,
    spans.observation_id as span_id,
    nullif(spans.parent_id, '') as parent_id,
    -- A tool that is an observation of its own is called as that is.
    coalesce(spans.tool, case when upper(spans.type) = 'TOOL' then nullif(trim(spans.name), '') end) as tool,
    case
        -- A request that failed and tells no usage is a call, and no turn.
        when {{ is_langfuse_call('spans.type') }} and not spans.is_failed_request and wrappers.span_id is null then 'model'
        else {{ span_kind("coalesce(spans.operation, case when upper(spans.type) <> 'SPAN' then spans.type end)", 'spans.tool') }}
    end as kind,
    {{ is_lookup('coalesce(spans.operation, spans.type)') }} as is_lookup,
    spans.started_at,
    spans.ended_at
from {{ ref('stg_langfuse__observations') }} as spans
left join {{ ref('stg_langfuse__wrappers') }} as wrappers
    on spans.day = wrappers.span_date and spans.trace_id = wrappers.trace_id and spans.observation_id = wrappers.span_id
