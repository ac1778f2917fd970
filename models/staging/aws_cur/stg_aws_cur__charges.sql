{%- set negated = 'charge_date, is_negated, billing_account_id, sub_account_id, usage_type, billing_currency' %}
-- Over a report, billed adds up to its UnblendedCost and list to its publicOnDemandCost. Contracted is UnblendedCost, save that
-- what a reservation covers has its on-demand cost and a savings plan's negation none. Effective is UnblendedCost, save that
-- what a commitment covers has its EffectiveCost, and of what is paid for commitments only the unused part counts.
with lines as (

    select * from {{ ref('stg_aws_cur__lines') }}

),

parts as (

    select false as is_unused
    union all
    select true as is_unused

),

charges as (

    -- A fee is a purchase. What it pays for and nobody used is a charge of its own; unknown where the report does not tell.
    select
        lines.*,
        parts.is_unused
    from lines
    inner join parts
        on
            not parts.is_unused
            or (lines.line_item_type in ('RIFee', 'SavingsPlanRecurringFee') and lines.unused_cost is distinct from 0)

),

classified as (

    select
        *,
        line_item_type in ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') as is_used,
        case
            when is_unused or line_item_type like '%Usage' or line_item_type like '%Discount' or line_item_type = 'SavingsPlanNegation'
                then 'Usage'
            when line_item_type like '%Fee' or line_item_type = 'FlatRateSubscription' then 'Purchase'
            when line_item_type in ('Tax', 'Credit') then line_item_type
            else 'Adjustment'
        end as charge_category,
        line_item_type in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation') as is_negated,
        line_item_type in ('RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee')
        or (line_item_type in ('Fee', 'Refund') and commitment_discount_id is not null) as is_paid_for_commitment
    from charges

),

-- A savings plan covers usage that is billed at its on-demand price; its negation, which has no tags, takes that off again. Where they
-- offset, nothing was billed: not to the one's team, and not back to nobody. What rounding leaves stays with one line.
netted as (

    select
        *,
        sum(unblended_cost) over (partition by {{ negated }}) as left_cost,
        row_number() over (partition by {{ negated }} order by line_item_type desc, line_id asc) = 1 as bears_rest
    from classified

)

select
    *,
    case when is_unused then md5(line_id || '|unused') else line_id end as cost_line_id,
    case when line_item_type = 'Refund' then 'Correction' end as charge_class,
    case
        when charge_category = 'Usage' then 'Usage-Based'
        when line_item_type in ('RIFee', 'SavingsPlanRecurringFee', 'FlatRateSubscription') then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    case
        when is_unused then 'Unused'
        when charge_category = 'Usage' and commitment_discount_id is not null then 'Used'
    end as commitment_discount_status,
    {{ untold('service_category') }},
    false as is_explanation,
    case when is_used then quantity end as consumed_quantity,
    case when is_used then unit end as consumed_unit,
    case when is_unused then 0 else public_on_demand_cost end as list_cost,
    case
        when is_unused or line_item_type = 'SavingsPlanNegation' then 0
        when line_item_type = 'DiscountedUsage' then public_on_demand_cost
        else unblended_cost
    end as contracted_cost,
    case
        when is_unused then 0
        when is_negated and abs(left_cost) < 0.01 then case when bears_rest then left_cost else 0 end
        else unblended_cost
    end as billed_cost,
    case
        when is_unused then unused_cost
        when is_paid_for_commitment or line_item_type = 'SavingsPlanNegation' then 0
        when line_item_type = 'DiscountedUsage' then reservation_effective_cost
        when line_item_type = 'SavingsPlanCoveredUsage' then savings_plan_effective_cost
        else unblended_cost
    end as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd
from netted
