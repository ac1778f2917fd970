with by_line as (

    select
        lines.vendor,
        lines.bill_vendor,
        lines.invoice_id,
        lines.cost_line_id as line,
        lines.source,
        cast(lines.billing_period_start as date) as billing_month,
        lines.charge_date,
        lines.usage_month,
        lines.charge_description,
        lines.model,
        lines.token_class,
        totals.metered_tokens,
        totals.billed_tokens,
        lines.billing_currency,
        lines.billed_cost,
        lines.billed_cost_usd as billed_usd,
        -- What cannot be told in USD cannot be compared.
        case when lines.billed_cost_usd is not null then coalesce(totals.metered_list_usd, 0) end as metered_usd,
        case when lines.billed_cost_usd is null then 'fx' else coalesce(causes.cause, 'none') end as cause,
        coalesce(causes.certainty, 'proved') as certainty,
        case when lines.billed_cost_usd is null then 'no rate is known for the currency' else causes.evidence end as evidence,
        case when lines.billed_cost_usd is not null then coalesce(causes.amount_usd, 0) end as amount_usd
    from {{ ref('int_cost_lines') }} as lines
    left join {{ ref('int_line_totals') }} as totals
        on lines.charge_date = totals.charge_date and lines.cost_line_id = totals.cost_line_id
    left join {{ ref('int_line_causes') }} as causes
        on lines.charge_date = causes.charge_date and lines.cost_line_id = causes.cost_line_id and causes.amount_usd <> 0
    where {{ is_on_a_bill('lines') }}

),

unbilled as (

    select
        vendor,
        cast(null as varchar) as bill_vendor,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as line,
        'metered' as source,
        usage_month as billing_month,
        cast(null as date) as charge_date,
        usage_month,
        cast(null as varchar) as charge_description,
        cast(null as varchar) as model,
        cast(null as varchar) as token_class,
        cast(null as decimal(38, 6)) as metered_tokens,
        cast(null as decimal(38, 6)) as billed_tokens,
        'USD' as billing_currency,
        cast(0 as {{ money() }}) as billed_cost,
        cast(0 as {{ money() }}) as billed_usd,
        metered_usd,
        cause,
        'proved' as certainty,
        cast(null as varchar) as evidence,
        -metered_usd as amount_usd
    from {{ ref('int_unbilled_usage') }}

),

compared as (

    select * from by_line
    union all
    select * from unbilled

)

select
    md5(vendor || '|' || coalesce(line, '') || '|' || usage_month || '|' || cause || '|' || certainty) as reconciliation_key,
    vendor,
    bill_vendor,
    invoice_id,
    line,
    source,
    billing_month,
    charge_date,
    usage_month,
    charge_description,
    model,
    token_class,
    cause,
    certainty,
    evidence,
    billing_currency,
    metered_tokens,
    billed_tokens,
    cast(billed_cost as {{ money() }}) as billed_cost,
    cast(billed_usd as {{ money() }}) as billed_usd,
    cast(metered_usd as {{ money() }}) as metered_usd,
    cast(amount_usd as {{ money() }}) as amount_usd
from compared
