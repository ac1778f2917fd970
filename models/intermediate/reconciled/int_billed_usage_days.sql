{{ config(materialized="table") }}

-- The days for which a vendor's book of record shows its usage: nothing is accrued for them.
with lines as (

    select
        sources.vendor as provider,
        lines.charge_period_start,
        lines.charge_period_end
    from {{ ref('stg_focus__cost_lines') }} as lines
    inner join {{ ref('stg_company__billing_sources') }} as sources
        on
            sources.source = 'focus'
            and lines.provider = sources.bill_provider
            and lines.service = sources.bill_service
            and {{ is_valid('sources', 'lines.charge_date') }}
    where lines.charge_category = 'Usage'
    group by all

)

select distinct
    lines.provider,
    days.charge_date as call_date
from lines,
    {{ each_day('lines.charge_period_start', last_day_of('lines.charge_period_start', 'lines.charge_period_end'), 'days', 'charge_date') }}
