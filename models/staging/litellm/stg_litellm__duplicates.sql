{{ duplicates('litellm', 'request_id', litellm_version_order()) }}
