{{ config(materialized='days', day='call_date') }}

-- The vendors' days of which every logged call names its account, and where the vendor's own report, if there is one, tells the same:
-- in its keys or in its projects.
with logged as (

    select distinct
        call_date,
        provider as vendor,
        account
    from {{ ref('int_calls_daily') }}
    where provider is not null and pricing_status <> 'self_hosted' and {{ in_days('call_date') }}

),

known as (

    select
        call_date,
        vendor
    from logged
    group by call_date, vendor
    having count(*) = count(account)

),

reported as (

    select
        usage.usage_date as call_date,
        usage.provider as vendor,
        coalesce(bool_or(usage.api_key = logged.account), false) as has_keys,
        coalesce(bool_or(usage.project = logged.account), false) as has_projects
    from {{ ref('int_reported_usage') }} as usage
    left join logged on usage.usage_date = logged.call_date and usage.provider = logged.vendor
    where {{ in_days('usage.usage_date') }}
    group by usage.usage_date, usage.provider

)

select
    known.call_date,
    known.vendor,
    case when reported.vendor is null then 'account' when reported.has_keys then 'api_key' else 'project' end as told_by
from known
left join reported on known.call_date = reported.call_date and known.vendor = reported.vendor
where reported.vendor is null or reported.has_keys or reported.has_projects
