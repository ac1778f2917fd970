{{ bucket_gaps('openai_usage') }}
