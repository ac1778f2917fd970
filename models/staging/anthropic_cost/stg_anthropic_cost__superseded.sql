{{ superseded_buckets('anthropic_cost', 'report') }}
