-- The part of each line's difference that is price: the first cause that explains it to the bill's last digit, then rounding, then
-- what nothing explains.
with totals as (

    select
        *,
        half_digit + 1e-9 * abs(cast(billed_for_logged_usd as double)) as tolerance
    from {{ ref('int_line_totals') }}

),

explained as (

    select
        candidates.*,
        -- What is less than a billionth off is the same in double precision; what a line takes off is all that it can explain.
        case
            when abs(cast(totals.billed_for_logged_usd as double) - candidates.expected_usd) < 0.000000001
                then case
                    when totals.billed_for_logged_usd < 0 then greatest(totals.price_usd, totals.billed_for_logged_usd)
                    else totals.price_usd
                end
            else cast(candidates.expected_usd as {{ money() }}) - totals.metered_contracted_usd
        end as amount_usd
    from {{ ref('int_price_candidates') }} as candidates
    inner join totals on candidates.charge_date = totals.charge_date and candidates.cost_line_id = totals.cost_line_id
    where
        abs(cast(totals.billed_for_logged_usd as double) - candidates.expected_usd) <= totals.tolerance
        -- What is no more than rounding needs no other cause.
        and abs(cast(totals.price_usd as double)) > totals.tolerance
    qualify row_number() over (
        partition by candidates.charge_date, candidates.cost_line_id
        order by case candidates.cause
            when 'tier_or_batch' then 1 when 'region' then 2 when 'contract_discount' then 3 when 'price_drift' then 4 else 5
        end, candidates.certainty desc, abs(candidates.expected_usd - cast(totals.billed_for_logged_usd as double)), candidates.evidence asc
    ) = 1

),

prepaid as (

    select
        charge_date,
        cost_line_id,
        price_usd as amount_usd
    from totals
    where billed_for_logged_usd = 0 and metered_contracted_usd > 0 and commitment_discount_id is not null

),

judged as (

    select
        totals.charge_date,
        totals.cost_line_id,
        totals.price_usd,
        totals.tolerance,
        case when prepaid.cost_line_id is not null then 'prepaid_or_commitment' else explained.cause end as cause,
        case when prepaid.cost_line_id is not null then 'proved' else explained.certainty end as certainty,
        case when prepaid.cost_line_id is not null then 'the line is drawn from a commitment' else explained.evidence end as evidence,
        coalesce(prepaid.amount_usd, explained.amount_usd, 0) as amount_usd,
        cast(totals.price_usd - coalesce(prepaid.amount_usd, explained.amount_usd, 0) as double) as left_usd,
        -- What has no price may cost as much as the dearest that is known, and no more.
        case
            when not totals.is_unpriced or left_usd <= totals.tolerance then 0
            when left_usd > totals.most_unpriced_usd + totals.tolerance then totals.most_unpriced_usd
            else totals.price_usd - coalesce(prepaid.amount_usd, explained.amount_usd, 0)
        end as unpriced_usd,
        case when left_usd between spans.least_usd - totals.tolerance and spans.most_usd + totals.tolerance then spans.cause end
            as quantity_cause
    from totals
    left join explained on totals.charge_date = explained.charge_date and totals.cost_line_id = explained.cost_line_id
    left join prepaid on totals.charge_date = prepaid.charge_date and totals.cost_line_id = prepaid.cost_line_id
    left join {{ ref('int_line_spans') }} as spans on totals.charge_date = spans.charge_date and totals.cost_line_id = spans.cost_line_id

)

select
    charge_date,
    cost_line_id,
    cause,
    certainty,
    evidence,
    amount_usd
from judged
where amount_usd <> 0
union all
select
    charge_date,
    cost_line_id,
    'model_mapping' as cause,
    'inferred' as certainty,
    'our price book has no price for the model' as evidence,
    unpriced_usd as amount_usd
from judged
where unpriced_usd <> 0
union all
select
    charge_date,
    cost_line_id,
    case when abs(left_usd) <= tolerance then 'rounding' else coalesce(quantity_cause, 'unexplained') end as cause,
    case when abs(left_usd) <= tolerance then 'proved' else 'inferred' end as certainty,
    case
        when abs(left_usd) <= tolerance then null
        when quantity_cause is not null then 'requests of another size have another price'
        when unpriced_usd <> 0 then 'more than the dearest model that has a price would cost'
    end as evidence,
    price_usd - amount_usd - unpriced_usd as amount_usd
from judged
where price_usd <> amount_usd + unpriced_usd
