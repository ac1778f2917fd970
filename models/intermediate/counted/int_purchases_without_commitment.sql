-- Money paid ahead that no row of config/commitments.csv is for, so that what it pays for counts beside it; with the vendor's rows that no
-- bill shows.
with waiting as (

    select
        commitments.vendor,
        {{ joined('commitments.commitment_id', 'commitments.commitment_id') }} as commitment_ids
    from {{ ref('int_commitments') }} as commitments
    left join {{ ref('int_commitment_charges') }} as bought on commitments.commitment_id = bought.commitment_id
    where bought.commitment_id is null and {{ is_bought('commitments') }}
    group by commitments.vendor

)

select
    lines.charge_date,
    lines.source,
    concat_ws(' ', lines.vendor || ':', lines.invoice_id, lines.charge_description)
    || coalesce('; not billed yet: ' || waiting.commitment_ids, '') as subject,
    lines.billing_currency,
    count(*) as record_count,
    cast(sum(lines.billed_cost) as {{ money() }}) as billed_cost
from {{ ref('int_cost_lines') }} as lines
inner join {{ ref('int_charge_kinds') }} as kinds on lines.charge_date = kinds.charge_date and lines.cost_line_id = kinds.cost_line_id
left join waiting on lines.vendor = waiting.vendor
where
    (
        kinds.cause = 'prepaid_or_commitment'
        or (kinds.cause = 'non_token_meter' and lower(lines.service_category) in ('prepaid', 'commitment'))
    )
    and lines.charge_category = 'Purchase'
    and lines.commitment_discount_id is null
    and lines.billed_cost > 0
    and lines.effective_cost > 0
group by all
