-- Where a report of its own tells the requests or credits, those of the usage report are the same; where a report of all tells those of an
-- account or a user, one that is filtered by user, model or cost centre adds nothing. A report of a month has the month's first day; one
-- of an enterprise is of all organisations, unless it is filtered.
with told as (

    select distinct
        source.day,
        deliveries.edition,
        deliveries.billing_account_id,
        source.username,
        {{ copilot_meter('source') }} as meter,
        source.filtered_by is not null as is_part,
        source.enterprise is not null and source.organization is null and source.filtered_by is null as is_enterprise,
        source.period_month is not null and source.period_day is null as is_month
    from {{ source('raw', 'copilot') }} as source
    inner join {{ ref('stg_files__deliveries') }} as deliveries on {{ same_delivery('copilot', 'account', 'usage_date') }}
    where deliveries.is_current and {{ copilot_meter('source') }} is not null

),

requests as (

    select distinct
        day,
        billing_account_id,
        meter,
        is_enterprise,
        is_month
    from told
    where edition <> '' and not is_part

)

select distinct
    reports.charge_date,
    reports.billing_account_id,
    requests.meter,
    false as is_part
from {{ ref('stg_files__deliveries') }} as reports
inner join requests
    on
        (reports.billing_account_id = requests.billing_account_id or requests.is_enterprise)
        and (
            reports.charge_date = requests.day
            or (requests.is_month and {{ month_of('reports.charge_date') }} = {{ month_of('requests.day') }})
        )
where reports.source = 'copilot' and reports.is_current and reports.edition = ''
union all
select distinct
    parts.day as charge_date,
    parts.billing_account_id,
    parts.meter,
    true as is_part
from told as parts
inner join told as whole
    on
        parts.meter = whole.meter
        and (parts.billing_account_id = whole.billing_account_id or parts.username = whole.username)
        and (
            parts.day = whole.day
            or ((parts.is_month or whole.is_month) and {{ month_of('parts.day') }} = {{ month_of('whole.day') }})
        )
where parts.is_part and not whole.is_part
