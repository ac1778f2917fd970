{{ config(materialized='table') }}

-- The buckets of usage that a line of a bill may pay for: all that its vendor, days, model and class leave open.
with scopes as (

    select
        lines.charge_date,
        lines.cost_line_id,
        {{ bucket_columns('buckets') }},
        buckets.expected_cost_usd,
        coalesce(buckets.reported_quantity, buckets.logged_quantity) as expected_quantity,
        case when lines.model is not null and lines.token_class is not null then lines.billed_quantity end as billed_quantity,
        {{ ordered_sum('buckets.expected_cost_usd', 'lines.charge_date, lines.cost_line_id') }} as all_expected_cost_usd
    from {{ ref('int_usage_lines') }} as lines
    inner join {{ ref('int_buckets') }} as buckets
        on lines.vendor = buckets.vendor and buckets.call_date between lines.charge_date and lines.last_charge_date
    -- A discount on a month is on the days that are billed.
    inner join {{ ref('int_billed_usage_days') }} as billed
        on buckets.call_date = billed.call_date and buckets.vendor = billed.provider
    left join {{ ref('int_line_models') }} as models on lines.vendor = models.vendor and lines.model = models.billed_model
    where
        (lines.account is null or buckets.account in (lines.account, '(all)'))
        -- Anthropic's report of costs leaves out what Priority Tier takes.
        and not (lines.source = 'anthropic_cost' and buckets.service_tier = 'priority')
        and (lines.model is null or models.model = buckets.model)
        and case
            when lines.token_class is not null then lines.token_class = buckets.token_class
            else {{ bucket_meter('buckets.token_class') }} = 'tokens' or buckets.expected_cost_usd > 0
        end

),

weighed as (

    -- Where no price is known, by the quantities themselves; where the vendor counts none either, evenly. Beside priced usage, what
    -- has no price is taken to cost what the priced tokens cost on average.
    select
        *,
        case
            when all_expected_cost_usd > 0
                then coalesce(
                    expected_cost_usd,
                    all_expected_cost_usd * cast(expected_quantity as double)
                    / cast(
                        nullif(sum(expected_quantity) filter (
                            where expected_cost_usd is not null and {{ bucket_meter('token_class') }} = 'tokens'
                        ) over (partition by charge_date, cost_line_id), 0) as double
                    ),
                    0
                )
            when sum(expected_quantity) over (partition by charge_date, cost_line_id) > 0 then cast(expected_quantity as double)
            else 1
        end as weight
    from scopes

)

select
    charge_date,
    cost_line_id,
    {{ bucket_columns() }},
    weight / {{ ordered_sum('weight', 'charge_date, cost_line_id') }} as line_share,
    billed_quantity * case
        when sum(expected_quantity) over (partition by charge_date, cost_line_id) > 0
            then
                cast(expected_quantity as double)
                / cast(sum(expected_quantity) over (partition by charge_date, cost_line_id) as double)
        else 1 / cast(count(*) over (partition by charge_date, cost_line_id) as double)
    end as billed_quantity
from weighed
