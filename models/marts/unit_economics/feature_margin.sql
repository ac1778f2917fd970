select
    md5(product || '|' || feature || '|' || month) as feature_margin_key,
    product,
    feature,
    month,
    loss_status,
    intended_reason,
    intended_until_date,
    revenue_missing_reason,
    cost_missing_reason,
    credits_end_date,
    prepaid_end_date,
    discounts_end_date,
    next_change_date,
    contribution_rank,
    cast(unpriced_calls as bigint) as unpriced_call_count,
    {{ ratio_of('gross_margin_usd', 'revenue_usd') }} as gross_margin_ratio,
    {{ ratio_of('contribution_usd', 'revenue_usd') }} as contribution_ratio,
    loss_concentration_ratio,
    {{ margin_amounts() }}
from {{ ref('int_margins') }}
where target_type = 'feature'
