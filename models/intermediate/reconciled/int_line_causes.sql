{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- Everything that lies between what a line bills and what we metered for it. Per line the amounts add up to billed less metered.
with metered as (

    select distinct
        charge_date,
        cost_line_id
    from {{ ref('int_line_buckets') }}

),

sellers as (

    -- Of models; the price library calls Bedrock aws, which is the vendor of all else that AWS sells.
    select distinct price_provider as vendor
    from {{ ref('stg_prices__book') }}
    where catalogue = 'genai-prices' and price_provider <> 'aws'

),

unmetered as (

    -- A model's usage that neither a log nor a report of the days has, and what takes such back; and meters that no log of calls has.
    select
        lines.charge_date,
        lines.cost_line_id,
        case
            when lines.charge_class = 'Correction' and lines.billed_cost < 0 then 'refund'
            -- A tool inside a call, which few logs count.
            when lines.token_class = 'web_searches' then 'non_token_meter'
            when lines.token_class is not null or sellers.vendor is not null then 'missing_log'
            else 'non_token_meter'
        end as cause
    from {{ ref('int_usage_lines') }} as lines
    left join sellers on lines.vendor = sellers.vendor
    left join metered on lines.charge_date = metered.charge_date and lines.cost_line_id = metered.cost_line_id
    where metered.cost_line_id is null

),

by_line as (

    select
        lines.charge_date,
        lines.cost_line_id,
        coalesce(kinds.cause, unmetered.cause) as cause,
        case when coalesce(kinds.cause, unmetered.cause) in ('missing_log', 'unexplained') then 'inferred' else 'proved' end as certainty,
        lines.compared_cost_usd as amount_usd
    from {{ ref('int_cost_lines') }} as lines
    inner join {{ ref('int_charge_kinds') }} as kinds
        on lines.charge_date = kinds.charge_date and lines.cost_line_id = kinds.cost_line_id
    left join unmetered on lines.charge_date = unmetered.charge_date and lines.cost_line_id = unmetered.cost_line_id
    where coalesce(kinds.cause, unmetered.cause) is not null

),

of_bills as (

    select
        lines.*,
        lines.billed_cost_usd + lines.drawn_cost_usd - lines.compared_cost_usd as fx_usd
    from {{ ref('int_cost_lines') }} as lines
    where {{ is_on_a_bill('lines') }}

),

every_cause as (

    {% for model, cause, certainty, evidence, amount in [
        ('by_line', 'cause', 'certainty', 'cast(null as varchar)', 'amount_usd'),
        (ref('int_quantity_causes'), 'cause', 'certainty', 'cast(null as varchar)', 'amount_usd'),
        (ref('int_price_causes'), 'cause', 'certainty', 'evidence', 'amount_usd'),
        (ref('int_line_totals'), "'contract_discount'", "'proved'", "'contract_prices'", 'discount_usd'),
        (ref('int_line_totals'), "'promotional_credit'", "'proved'", "'the line bills less than its own negotiated price'", 'credit_usd'),
        ('of_bills', "'fx'", "'proved'", "'the bill converts at a rate of its own'", 'fx_usd'),
        ('of_bills', "'prepaid_or_commitment'", "'proved'", "'drawn from ' || commitment_discount_id", '-drawn_cost_usd'),
    ] -%}
        select
            charge_date,
            cost_line_id,
            {{ cause }} as cause,
            {{ certainty }} as certainty,
            {{ evidence }} as evidence,
            {{ amount }} as amount_usd
        from {{ model }}
        where {{ amount }} <> 0
        {{ 'union all' if not loop.last }}
    {% endfor %}

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
