{{ superseded_buckets('openai_costs', 'organization_id') }}
