select
    md5(
        {{ month_of('call_date') }} || '|' || coalesce(provider, '') || '|' || coalesce(model, '') || '|' || unpriced_reason
    ) as unpriced_usage_key,
    {{ month_of('call_date') }} as month,
    provider,
    model,
    unpriced_reason,
    cast(sum(calls) as bigint) as call_count,
    cast(sum(all_tokens) as bigint) as all_tokens,
    {{ whole_sums(['web_searches', 'images', 'characters'] + report_meters()) }},
    cast(sum(seconds) as decimal(18, 6)) as seconds,
    cast(sum(reported_cost_usd) as {{ money() }}) as gateway_cost_usd
from {{ ref('int_usage_daily') }}
where pricing_status = 'unpriced'
group by {{ month_of('call_date') }}, provider, model, unpriced_reason
