{%- set body_tokens = 'coalesce(reported_input_tokens, 0) + coalesce(reported_output_tokens, 0)' %}
{{ duplicates('llm_calls', 'call_id', 'ended_at desc, coalesce(' ~ tokens_sum(token_classes()) ~ ', ' ~ body_tokens ~ ') desc') }}
