-- What has no known cost is no charge to FOCUS, and left out.
select
    *,
    charge_category as stated_charge_category,
    coalesce(effective_cost, billed_cost) as borne_cost,
    -- A subscription is used in the period it is paid for, and a commitment whose use bears nothing of it when it is bought: a purchase in
    -- FOCUS's sense bears nothing itself.
    case
        when
            charge_category = 'Purchase'
            and (charge_frequency = 'Recurring' or commitment_discount_id is not null)
            and borne_cost <> 0
            then 'Usage'
        when charge_category in ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment') then charge_category
        else 'Usage'
    end as category,
    case
        when category = 'Usage' and commitment_discount_id is not null
            then case when commitment_discount_status = 'Unused' then 'Unused' else 'Used' end
    end as commitment_status,
    -- Where no negotiated price is stated, it is what the bill asks before a balance pays of it. What lay unused had no price.
    coalesce(
        contracted_cost,
        case when commitment_status = 'Unused' then 0 else coalesce(nullif(billed_cost + drawn_cost, 0), borne_cost) end
    ) as asked_cost
from {{ ref('int_cost_lines') }}
where coalesce(effective_cost, billed_cost) is not null
