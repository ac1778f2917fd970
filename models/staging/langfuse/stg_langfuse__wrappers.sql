{{ config(materialized='days', day='span_date', day_before=1, day_after=1, meta={'fingerprint': 'content'}) }}

{{ wrappers('langfuse', ['trace_id', 'observation_id', 'parent_id'], is_langfuse_call('type')) }}
