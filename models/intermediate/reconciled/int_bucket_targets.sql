{{ config(materialized='days', day='call_date') }}

-- Whose the logged usage of a bucket is. What ran on provisioned throughput no bill counts by the token.
select
    usage.call_date,
    usage.provider as vendor,
    {{ bucket_account('usage', 'told') }} as account,
    {{ bucket_model('usage', 'matches') }} as model,
    {{ bucket_tier('usage.service_tier') }} as service_tier,
    {{ bucket_class('usage.token_class') }} as token_class,
    {{ targets('usage') }},
    cast(sum(usage.quantity) as decimal(38, 6)) as quantity,
    cast(sum(usage.list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(usage.contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
from {{ ref('int_usage_daily_by_meter') }} as usage
left join {{ ref('int_models_resolved') }} as matches
    on usage.call_date = matches.call_date and usage.provider = matches.provider and usage.model = matches.model
left join {{ ref('int_bucket_accounts') }} as told
    on usage.call_date = told.call_date and usage.provider = told.vendor
where
    usage.grain_source = 'call_log'
    and usage.provider is not null
    and usage.commitment_id is null
    and {{ in_days('usage.call_date') }}
group by all
