-- Law 7, of what vendors report by the day.
select
    usage_date,
    source,
    file_hash,
    file_row,
    reported_tokens,
    has_token_mismatch
from {{ ref('int_reported_usage') }}
where coalesce({{ tokens_sum(token_classes()) }} <> reported_tokens, false) <> has_token_mismatch
