{{ superseded('anthropic_usage', 'report', 'bucket_start') }}
