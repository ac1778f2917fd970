{{ config(materialized='days', day='span_date', day_before=1, day_after=1, meta={'fingerprint': 'content'}) }}

{{ wrappers(
    'otel', ['trace_id', 'span_id', 'parent_span_id'],
    'coalesce(reported_input_tokens, reported_output_tokens, reported_total_tokens) is not null or ' ~ is_failed_request(),
    'coalesce(reported_input_tokens, reported_output_tokens, reported_total_tokens) is not null',
) }}
