-- Priced usage that no line of a bill pays for: of days that no bill shows yet (a balance may pay for them), of what ran on provisioned
-- throughput, and of what the bill of a day has under another name, or leaves out.
with causes as (

    select
        {{ bucket_columns() }},
        max(cause) as cause
    from {{ ref('int_bucket_causes') }}
    group by all

),

without_bill as (

    select
        provider as vendor,
        {{ month_of('call_date') }} as usage_month,
        case when is_prepaid then 'prepaid_or_commitment' else 'not_in_invoice_yet' end as cause,
        list_cost_usd as metered_usd
    from {{ ref('int_accrued_usage') }}
    where list_cost_usd > 0 and grain_source = 'call_log' and provider is not null
    union all
    select
        provider as vendor,
        {{ month_of('call_date') }} as usage_month,
        'prepaid_or_commitment' as cause,
        list_cost_usd as metered_usd
    from {{ ref('int_usage_daily') }}
    where list_cost_usd > 0 and commitment_id is not null

)

select
    buckets.vendor,
    {{ month_of('buckets.call_date') }} as usage_month,
    coalesce(causes.cause, 'report_scope') as cause,
    cast(sum(buckets.list_cost_usd) as {{ money() }}) as metered_usd
from {{ ref('int_bucket_quantities') }} as buckets
inner join {{ ref('int_billed_usage_days') }} as billed on buckets.call_date = billed.call_date and buckets.vendor = billed.provider
left join causes on {{ same_bucket('buckets', 'causes') }}
where buckets.list_cost_usd > 0 and not buckets.is_billed
group by 1, 2, 3
union all
select
    vendor,
    usage_month,
    cause,
    cast(sum(metered_usd) as {{ money() }}) as metered_usd
from without_bill
group by 1, 2, 3
