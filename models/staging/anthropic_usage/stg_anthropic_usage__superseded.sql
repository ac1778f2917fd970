{{ superseded_buckets('anthropic_usage', 'report') }}
