-- Where a premium request report tells the requests, those of the usage report are the same. A report of a month has the month's first day.
with requests as (

    select distinct
        source.day,
        deliveries.billing_account_id,
        source.period_month is not null and source.period_day is null as is_month
    from {{ source('raw', 'copilot') }} as source
    inner join {{ ref('stg_files__deliveries') }} as deliveries on {{ same_delivery('copilot', 'organization', 'usage_date') }}
    where deliveries.is_current and deliveries.edition <> ''

)

select distinct
    reports.charge_date,
    reports.billing_account_id
from {{ ref('stg_files__deliveries') }} as reports
inner join requests
    on
        reports.billing_account_id = requests.billing_account_id
        and (
            reports.charge_date = requests.day
            or (requests.is_month and {{ month_of('reports.charge_date') }} = {{ month_of('requests.day') }})
        )
where reports.source = 'copilot' and reports.is_current and reports.edition = ''
