{{ config(materialized='table') }}

-- Everything that lies between what a line bills and what we metered for it. Per line the amounts add up to billed less metered.
with metered as (

    select distinct
        charge_date,
        cost_line_id
    from {{ ref('int_line_buckets') }}

),

unmetered as (

    -- A model's usage that neither a log nor a report of the days has; and meters that no log of calls has.
    select
        lines.charge_date,
        lines.cost_line_id,
        case when lines.token_class is not null or lines.model is not null then 'missing_log' else 'non_token_meter' end as cause
    from {{ ref('int_usage_lines') }} as lines
    left join metered on lines.charge_date = metered.charge_date and lines.cost_line_id = metered.cost_line_id
    where metered.cost_line_id is null

),

by_line as (

    select
        lines.charge_date,
        lines.cost_line_id,
        coalesce(kinds.cause, unmetered.cause) as cause,
        case when kinds.cause is null and unmetered.cause = 'missing_log' then 'inferred' else 'proved' end as certainty,
        lines.billed_cost_usd + lines.drawn_cost as amount_usd
    from {{ ref('int_cost_lines') }} as lines
    inner join {{ ref('int_charge_kinds') }} as kinds
        on lines.charge_date = kinds.charge_date and lines.cost_line_id = kinds.cost_line_id
    left join unmetered on lines.charge_date = unmetered.charge_date and lines.cost_line_id = unmetered.cost_line_id
    where coalesce(kinds.cause, unmetered.cause) is not null

),

every_cause as (

    select
        charge_date,
        cost_line_id,
        cause,
        certainty,
        cast(null as varchar) as evidence,
        amount_usd
    from by_line
    union all
    select
        charge_date,
        cost_line_id,
        cause,
        certainty,
        cast(null as varchar) as evidence,
        amount_usd
    from {{ ref('int_quantity_causes') }}
    union all
    select
        charge_date,
        cost_line_id,
        cause,
        certainty,
        evidence,
        amount_usd
    from {{ ref('int_price_causes') }}
    union all
    select
        charge_date,
        cost_line_id,
        'contract_discount' as cause,
        'proved' as certainty,
        'contract_prices' as evidence,
        discount_usd as amount_usd
    from {{ ref('int_line_totals') }}
    where discount_usd <> 0
    union all
    select
        charge_date,
        cost_line_id,
        'prepaid_or_commitment' as cause,
        'proved' as certainty,
        'drawn from ' || commitment_discount_id as evidence,
        -drawn_cost as amount_usd
    from {{ ref('int_cost_lines') }} as lines
    where drawn_cost > 0 and billing_currency = 'USD' and {{ is_on_a_bill('lines') }}

)

select
    charge_date,
    cost_line_id,
    cause,
    certainty,
    max(evidence) as evidence,
    cast(sum(amount_usd) as {{ money() }}) as amount_usd
from every_cause
group by charge_date, cost_line_id, cause, certainty
