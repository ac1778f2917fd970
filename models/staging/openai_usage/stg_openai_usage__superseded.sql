{{ superseded('openai_usage', 'report', 'bucket_start') }}
