-- What a vendor's report tells of usage, by the bucket that it lies in.
select
    usage.call_date,
    usage.provider as vendor,
    {{ reported_account('usage', 'told') }} as account,
    {{ bucket_model('usage', 'matches') }} as model,
    usage.service_tier,
    {{ bucket_class('usage.token_class') }} as token_class,
    usage.environment,
    usage.team,
    usage.product,
    usage.quantity,
    usage.book_list_cost_usd,
    usage.book_cost_usd
from {{ ref('int_reported_usage_by_meter') }} as usage
left join {{ ref('int_models_resolved') }} as matches
    on usage.call_date = matches.call_date and usage.provider = matches.provider and usage.model = matches.model
left join {{ ref('int_bucket_accounts') }} as told
    on usage.call_date = told.call_date and usage.provider = told.vendor
