{{ bucket_gaps('anthropic_usage') }}
