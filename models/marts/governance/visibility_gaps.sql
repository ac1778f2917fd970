-- What a customer without revenue brings is not known at all; what is known of its margin is its cost.
with gaps as (

    select * from {{ ref('int_visibility_gaps') }}
    union all
    select
        month,
        'missing_revenue' as gap,
        'revenue' as subject,
        'customer' as moved_type,
        customer_id as moved,
        null as calls,
        null as margin_swing_usd,
        null as cost_low_usd,
        null as cost_high_usd
    from {{ ref('int_margins') }}
    where
        target_type = 'customer' and revenue_usd is null and fully_loaded_cost_usd > 0
        and customer_id not in ('(internal)', '(unallocated)')

),

margins as (

    select
        target_type,
        month,
        case when target_type = 'customer' then customer_id else feature end as target,
        sum(contribution_usd) as contribution_usd,
        sum(fully_loaded_cost_usd) as fully_loaded_cost_usd
    from {{ ref('int_margins') }}
    where case when target_type = 'customer' then customer_id not in ('(internal)', '(unallocated)') else feature <> '(unallocated)' end
    group by target_type, month, case when target_type = 'customer' then customer_id else feature end

),

-- A gap of nobody in particular moves the margins of all; of whom it could make a loss says how many.
moved as (

    select
        gaps.month,
        gaps.gap,
        gaps.subject,
        gaps.moved_type,
        gaps.moved,
        gaps.calls,
        gaps.cost_low_usd,
        gaps.cost_high_usd,
        case
            when gaps.gap = 'unallocated_cost' then gaps.cost_high_usd - gaps.cost_low_usd
            else coalesce(gaps.cost_high_usd - gaps.cost_low_usd, sum(margins.fully_loaded_cost_usd))
        end as swing_usd,
        case when gaps.gap = 'missing_revenue' then sum(margins.fully_loaded_cost_usd) else gaps.margin_swing_usd end as margin_swing_usd,
        sum(margins.contribution_usd) as contribution_usd,
        count(*) filter (
            where margins.contribution_usd - gaps.cost_low_usd >= 0 and margins.contribution_usd < gaps.cost_high_usd
        ) as in_doubt_count
    from gaps
    left join margins
        on
            gaps.month = margins.month and gaps.moved_type = margins.target_type
            and (gaps.moved is null or gaps.moved = margins.target)
    group by
        gaps.month, gaps.gap, gaps.subject, gaps.moved_type, gaps.moved, gaps.calls, gaps.margin_swing_usd, gaps.cost_low_usd,
        gaps.cost_high_usd

)

select
    md5(month || '|' || gap || '|' || subject || '|' || moved_type || '|' || coalesce(moved, '')) as visibility_gap_key,
    month,
    gap,
    subject,
    moved_type,
    coalesce(moved, '(any ' || moved_type || ')') as moved,
    case gap
        when 'untagged_key' then 'Name its ' || moved_type || ' in config/api_keys.csv, or tag its calls.'
        when 'unknown_model'
            then 'Name it in config/model_aliases.csv, its price in contract_prices.csv, or that you run it in self_hosted_models.csv.'
        when 'unallocated_cost'
            then 'Tag the charges or add a rule to config/allocation_rules.csv: core.fct_allocated_costs has them by unallocated_reason.'
        when 'missing_bill' then 'Land its bill of the month: in landing/invoices/, or as the cost report or cloud bill that shows it.'
        else 'Land the recognised revenue of the customer in landing/revenue/.'
    end as mend,
    cast(
        dense_rank() over (
            partition by month
            order by gap_margin_swing_usd desc nulls last, gap_swing_usd desc nulls last, gap asc, subject asc, moved_type asc
        ) as integer
    ) as gap_rank,
    cast(calls as bigint) as call_count,
    cast(in_doubt_count as bigint) as in_doubt_count,
    cast(swing_usd as {{ money() }}) as swing_usd,
    cast(margin_swing_usd as {{ money() }}) as margin_swing_usd,
    cast(cost_low_usd as {{ money() }}) as cost_low_usd,
    cast(cost_high_usd as {{ money() }}) as cost_high_usd,
    cast(contribution_usd as {{ money() }}) as contribution_usd,
    cast(contribution_usd - cost_high_usd as {{ money() }}) as contribution_low_usd,
    cast(contribution_usd - cost_low_usd as {{ money() }}) as contribution_high_usd
from (
    select
        *,
        -- The list is worked through gap by gap: what moves a customer's margin most comes first, then what is dearest to leave open.
        sum(margin_swing_usd) over (partition by month, gap, subject, moved_type) as gap_margin_swing_usd,
        sum(swing_usd) over (partition by month, gap, subject, moved_type) as gap_swing_usd
    from moved
) as weighed
