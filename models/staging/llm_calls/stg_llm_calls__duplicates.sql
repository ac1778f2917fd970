{{ duplicates('llm_calls', 'call_id', llm_calls_version_order()) }}
