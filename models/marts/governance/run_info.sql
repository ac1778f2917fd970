select
    built_from,
    costgrain_version,
    as_of_at,
    first_call_date,
    last_call_date,
    landed_hash,
    rule_version,
    price_book_hash,
    is_demo,
    landed_file_count,
    call_count,
    cost_line_count
from {{ ref('int_run_facts') }}
