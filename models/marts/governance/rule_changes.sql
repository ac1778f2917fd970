select
    md5(state_number || '|' || config_file || '|' || row_key) as rule_change_key,
    first_seen_at,
    state_number,
    config_file,
    row_key,
    change,
    owner,
    approved_by,
    reason,
    valid_from,
    valid_to,
    old_values,
    new_values
from {{ ref('int_rule_changes') }}
