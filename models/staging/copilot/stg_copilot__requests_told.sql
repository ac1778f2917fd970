-- Where a report of its own tells the requests or credits, those of the usage report are the same. A report of a month has the month's
-- first day; one of an enterprise is of all organisations.
with requests as (

    select distinct
        source.day,
        deliveries.billing_account_id,
        {{ copilot_meter('source') }} as meter,
        source.enterprise is not null and source.organization is null as is_enterprise,
        source.period_month is not null and source.period_day is null as is_month
    from {{ source('raw', 'copilot') }} as source
    inner join {{ ref('stg_files__deliveries') }} as deliveries on {{ same_delivery('copilot', 'organization', 'usage_date') }}
    where deliveries.is_current and deliveries.edition <> ''

)

select distinct
    reports.charge_date,
    reports.billing_account_id,
    requests.meter
from {{ ref('stg_files__deliveries') }} as reports
inner join requests
    on
        (reports.billing_account_id = requests.billing_account_id or requests.is_enterprise)
        and (
            reports.charge_date = requests.day
            or (requests.is_month and {{ month_of('reports.charge_date') }} = {{ month_of('requests.day') }})
        )
where requests.meter is not null and reports.source = 'copilot' and reports.is_current and reports.edition = ''
