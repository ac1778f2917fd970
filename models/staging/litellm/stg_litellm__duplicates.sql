{{ duplicates('litellm', 'request_id', 'ended_at desc, total_tokens desc') }}
