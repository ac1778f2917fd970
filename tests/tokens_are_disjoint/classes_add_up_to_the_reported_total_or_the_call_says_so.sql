-- Law 7, of every call, whatever its source.
select
    call_date,
    call_id,
    reported_tokens,
    has_token_mismatch
from {{ ref('fct_llm_calls') }}
where
    {{ in_unpublished_days(ref('fct_llm_calls'), 'call_date') }}
    and coalesce({{ tokens_sum(token_classes()) }} <> reported_tokens, false) <> has_token_mismatch
