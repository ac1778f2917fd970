{{ config(materialized='days', day='span_date', day_before=1, day_after=1, meta={'fingerprint': 'content'}) }}

{{ wrappers(
    'otel', ['trace_id', 'span_id', 'parent_span_id'],
    'coalesce(gen_ai_input_tokens, openinference_input_tokens, vercel_input_tokens, output_tokens, total_tokens) is not null',
) }}
