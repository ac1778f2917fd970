{{ duplicates('llm_calls', 'call_id', 'ended_at desc, ' ~ tokens_sum(token_classes()) ~ ' desc') }}
