-- What is owed by a record of its own until a bill takes its place: seats, what runs on platforms, and what commitments make. Only a fee
-- does the bill tell apart from its other charges.
{%- set owed_usd = in_usd('lines.effective_cost', 'lines.billing_currency', 'rates.usd_per_unit') %}
select
    {{ comma_list(['charge_date', 'vendor', 'known_at', 'billed_at', 'owed_usd', 'fx_usd']) }},
    cast(null as {{ money() }}) as billed_cost_usd,
    false as has_no_rate
from {{ ref('int_accrued_lists') }}
union all
select
    {{ comma_list(['charge_date', 'vendor'], 'lines') }},
    cast(null as timestamp) as known_at,
    case when lines.cost_status = 'invoiced' then fees.billed_at end as billed_at,
    -- What had no rate until the bill came was owed without an amount, and stays so.
    case when lines.cost_status = 'accrued' then lines.effective_cost_usd else {{ owed_usd }} end as owed_usd,
    lines.effective_cost_usd - owed_usd as fx_usd,
    lines.effective_cost_usd as billed_cost_usd,
    owed_usd is not null and lines.effective_cost_usd is null as has_no_rate
from {{ ref('int_cost_lines') }} as lines
left join {{ ref('int_charge_rates') }} as rates
    on lines.charge_date = rates.charge_date and lines.billing_currency = rates.currency and rates.is_accrued
left join {{ ref('int_fee_arrivals') }} as fees
    on lines.commitment_discount_id = fees.commitment_id and lines.charge_date = fees.charge_date
where lines.source = 'commitments' and (lines.cost_status = 'accrued' or fees.commitment_id is not null)
union all
select
    shortfalls.ends_on - 1 as charge_date,
    shortfalls.vendor,
    cast(null as timestamp) as known_at,
    shortfalls.billed_at,
    {{ in_usd('shortfalls.short_cost', 'shortfalls.billing_currency', 'rates.usd_per_unit') }} as owed_usd,
    case when shortfalls.billing_currency = 'USD' then 0 end as fx_usd,
    cast(null as {{ money() }}) as billed_cost_usd,
    false as has_no_rate
from {{ ref('int_shortfalls') }} as shortfalls
left join {{ ref('int_charge_rates') }} as rates
    on shortfalls.ends_on - 1 = rates.charge_date and shortfalls.billing_currency = rates.currency and rates.is_accrued
where shortfalls.is_billed
