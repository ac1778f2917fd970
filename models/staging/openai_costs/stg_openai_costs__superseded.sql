{{ superseded('openai_costs', 'report', 'bucket_start') }}
