{{ bucket_gaps('openai_costs') }}
