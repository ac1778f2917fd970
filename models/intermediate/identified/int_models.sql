select
    md5(coalesce(usage.provider, '') || '|' || coalesce(usage.model, '')) as model_key,
    usage.provider,
    usage.model,
    matches.price_provider,
    matches.price_model,
    matches.price_model is not null as has_price,
    min(usage.call_date) as first_used_date,
    max(usage.call_date) as last_used_date
from {{ ref('int_usage_daily') }} as usage
left join {{ ref('stg_prices__model_matches') }} as matches
    on coalesce(usage.provider, '') = coalesce(matches.provider, '') and usage.model = matches.model
group by usage.provider, usage.model, matches.price_provider, matches.price_model
