-- The lines of the ledger that a bill shows for usage.
select
    lines.charge_date,
    lines.cost_line_id,
    {{ last_day_of('lines.charge_period_start', 'lines.charge_period_end') }} as last_charge_date,
    lines.vendor,
    lines.source,
    lines.charge_class,
    -- Of the account that it names, where bills of the vendor name those of our logs; null: of all.
    case billed.told_by when 'sub_account' then lines.sub_account_id when 'billing_account' then lines.billing_account_id end
        as account,
    lines.model,
    {{ bucket_class('lines.token_class') }} as token_class,
    {{ tokens_of_line('lines') }} as billed_quantity,
    -- Less billed than the line's own negotiated price, and no commitment: a credit inside the line.
    coalesce(
        lines.commitment_discount_id is null
        and lines.billed_cost >= 0
        and lines.contracted_cost > lines.billed_cost
        and lines.compared_cost_usd = lines.billed_cost_usd,
        false
    ) as has_credit,
    cast(1 as {{ money() }}) as allocation_ratio,
    {{ comma_list(cost_columns(), 'lines') }},
    lines.compared_cost_usd
from {{ ref('int_cost_lines') }} as lines
inner join {{ ref('int_charge_kinds') }} as kinds
    on lines.charge_date = kinds.charge_date and lines.cost_line_id = kinds.cost_line_id
left join {{ ref('int_billed_accounts') }} as billed on lines.vendor = billed.vendor
where kinds.cause is null
