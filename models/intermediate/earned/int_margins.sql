{{ config(materialized='table') }}

-- Each margin, and whether a loss is meant. A loss that several rows of config mean is that of the narrowest.
{%- set of_target = "partition by target_type, customer_id, product, feature order by month" %}
with sums as (

    select
        *,
        revenue_usd - cogs_usd as gross_margin_usd,
        revenue_usd - fully_loaded_cost_usd as contribution_usd,
        {{ last_day_of_month('month') }} as last_day
    from {{ ref('int_margin_sums') }}

),

placed as (

    select
        sums.*,
        placements.segment,
        placements.plan,
        coalesce(customers.is_listed, false) as is_listed,
        meant.reason as intended_reason,
        meant.valid_to as intended_until_date
    from sums
    left join {{ ref('int_customer_groups') }} as placements
        on sums.customer_id = placements.customer_id and {{ is_valid('placements', 'sums.last_day') }}
    left join {{ ref('int_customers') }} as customers on sums.customer_id = customers.customer_id
    left join {{ ref('stg_company__intended_losses') }} as meant
        on
            sums.contribution_usd < 0
            and {{ is_valid('meant', 'sums.month') }}
            and (meant.feature is not null) = (sums.target_type = 'feature')
            {% for column in ['customer_id', 'feature'] -%}
                and coalesce(meant.{{ column }}, sums.{{ column }}) = sums.{{ column }}
            {% endfor -%}
            {% for column in ['segment', 'plan'] -%}
                and (meant.{{ column }} is null or meant.{{ column }} = placements.{{ column }})
            {% endfor %}
    qualify row_number() over (
        partition by sums.target_type, sums.customer_id, sums.product, sums.feature, sums.month
        order by meant.customer_id asc nulls last, meant.plan asc nulls last, meant.segment asc nulls last, meant.valid_to asc
    ) = 1

),

ranked as (

    select
        *,
        count(contribution_usd) over (partition by target_type, month) as margin_count,
        row_number() over (
            partition by target_type, month order by contribution_usd asc nulls last, customer_id asc, product asc, feature asc
        ) as place,
        lag(month) over ({{ of_target }}) as last_month,
        lag(gross_margin_usd) over ({{ of_target }}) as last_gross_margin_usd,
        lag(contribution_usd) over ({{ of_target }}) as last_contribution_usd
    from placed

),

losses as (

    -- What the worst twentieth of those whose contribution is known loses; at least that of one.
    select
        target_type,
        month,
        sum(-contribution_usd) as loss_usd,
        sum(-contribution_usd) filter (where place <= greatest(1, ceil(margin_count * 0.05))) as worst_loss_usd
    from ranked
    where contribution_usd < 0
    group by target_type, month

)

select
    ranked.*,
    case
        when ranked.revenue_usd is null then 'no_revenue'
        when ranked.contribution_usd >= 0 and ranked.unknown_count = 0 and ranked.ai_cost_usd is not null then 'none'
        when ranked.intended_until_date is not null then 'intended'
        when ranked.contribution_usd < 0 then 'unintended'
    end as loss_status,
    case
        when ranked.customer_id = '(internal)' then 'the company itself pays nothing'
        when ranked.unconverted_count > 0 then 'some of its revenue has no exchange rate'
        when not ranked.has_revenue then 'no recognised revenue in this month'
        when ranked.revenue_usd < 0 then 'its revenue is negative: more was taken back than earned'
        when ranked.revenue_usd = 0 then 'its revenue is zero'
    end as revenue_missing_reason,
    case
        when not ranked.has_ledger then 'no cost in the ledger in this month'
        when ranked.cost_rows = 0 and ranked.unpriced_calls > 0 then 'none of its calls has a price'
        when ranked.cost_rows = 0 then 'nothing is allocated to it in this month'
        when ranked.unknown_count > 0 then 'some of its costs are not known in USD'
        when ranked.unpriced_calls > 0 then 'some of its calls have no price'
    end as cost_missing_reason,
    case when ranked.contribution_usd is not null then ranked.place end as contribution_rank,
    {{ share_of('coalesce(losses.worst_loss_usd, 0)', 'losses.loss_usd') }} as loss_concentration_ratio,
    case when ranked.last_month = ranked.month - interval '1' month then ranked.gross_margin_usd - ranked.last_gross_margin_usd end
        as gross_margin_change_usd,
    case when ranked.last_month = ranked.month - interval '1' month then ranked.contribution_usd - ranked.last_contribution_usd end
        as contribution_change_usd
from ranked
left join losses on ranked.target_type = losses.target_type and ranked.month = losses.month
