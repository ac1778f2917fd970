{{ superseded('copilot', 'organization', 'usage_date') }}
