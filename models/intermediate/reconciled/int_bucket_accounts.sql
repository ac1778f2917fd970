{{ config(materialized='days', day='call_date') }}

-- The vendors' days of which every logged call names its account, and where the vendor's own report, if there is one, tells all of
-- them: in its keys or in its projects.
with logged as (

    select distinct
        call_date,
        provider as vendor,
        account
    from {{ ref('int_calls_daily') }}
    where provider is not null and {{ reached_a_vendor() }} and {{ in_days('call_date') }}

),

known as (

    select
        call_date,
        vendor,
        count(*) as account_count
    from logged
    group by call_date, vendor
    having count(*) = count(account)

),

reported as (

    select
        usage.usage_date as call_date,
        usage.provider as vendor,
        count(distinct case when usage.api_key = logged.account then logged.account end) as key_count,
        count(distinct case when usage.project = logged.account then logged.account end) as project_count
    from {{ ref('int_reported_usage') }} as usage
    left join logged on usage.usage_date = logged.call_date and usage.provider = logged.vendor
    where {{ in_days('usage.usage_date') }}
    group by usage.usage_date, usage.provider

)

select
    known.call_date,
    known.vendor,
    case
        when reported.vendor is null then 'account'
        when reported.key_count = known.account_count then 'api_key'
        else 'project'
    end as told_by
from known
left join reported on known.call_date = reported.call_date and known.vendor = reported.vendor
where reported.vendor is null or known.account_count in (reported.key_count, reported.project_count)
