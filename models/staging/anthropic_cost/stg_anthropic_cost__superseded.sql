{{ superseded('anthropic_cost', 'report', 'bucket_start') }}
