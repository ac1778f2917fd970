select
    call_date,
    call_id,
    pricing_status,
    unpriced_reason,
    list_cost_usd
from {{ ref('fct_llm_calls') }}
where
    {{ in_unpublished_days(ref('fct_llm_calls'), 'call_date') }}
    and (
        (pricing_status = 'priced') <> (list_cost_usd is not null)
        or (pricing_status = 'unpriced') <> (unpriced_reason is not null)
    )
