{{ duplicates('langfuse', 'observation_id', 'updated_at desc', are_versions=true) }}
