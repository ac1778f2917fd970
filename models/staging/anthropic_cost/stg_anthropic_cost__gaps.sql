{{ bucket_gaps('anthropic_cost') }}
