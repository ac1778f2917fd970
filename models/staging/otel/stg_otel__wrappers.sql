{{ config(materialized='days', day='span_date', day_before=1, day_after=1, meta={'fingerprint': 'content'}) }}

{{ wrappers(
    'otel', ['trace_id', 'span_id', 'parent_span_id'],
    has_usage() ~ ' or ' ~ is_failed_request(),
    has_usage() ~ ' and not ' ~ is_failed_request(),
) }}
