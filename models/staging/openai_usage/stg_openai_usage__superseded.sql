{{ superseded_buckets('openai_usage', 'report') }}
