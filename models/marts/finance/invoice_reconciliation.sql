with by_line as (

    select
        lines.vendor,
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
        coalesce(totals.metered_list_usd, 0) as metered_usd,
        coalesce(causes.cause, 'none') as cause,
        coalesce(causes.certainty, 'proved') as certainty,
        causes.evidence,
        coalesce(causes.amount_usd, 0) as amount_usd
    from {{ ref('int_cost_lines') }} as lines
    left join {{ ref('int_line_totals') }} as totals
        on lines.charge_date = totals.charge_date and lines.cost_line_id = totals.cost_line_id
    left join {{ ref('int_line_causes') }} as causes
        on lines.charge_date = causes.charge_date and lines.cost_line_id = causes.cost_line_id and causes.amount_usd <> 0
    where lines.cost_status = 'invoiced' and lines.billed_cost_usd is not null

),

without_rate as (

    -- What cannot be told in USD cannot be compared.
    select
        vendor,
        invoice_id,
        cost_line_id as line,
        source,
        cast(billing_period_start as date) as billing_month,
        charge_date,
        usage_month,
        charge_description,
        model,
        token_class,
        cast(null as decimal(38, 6)) as metered_tokens,
        cast(null as decimal(38, 6)) as billed_tokens,
        billing_currency,
        billed_cost,
        cast(null as {{ money() }}) as billed_usd,
        cast(null as {{ money() }}) as metered_usd,
        'fx' as cause,
        'proved' as certainty,
        'no rate is known for the currency' as evidence,
        cast(null as {{ money() }}) as amount_usd
    from {{ ref('int_cost_lines') }}
    where cost_status = 'invoiced' and billed_cost_usd is null

),

unbilled as (

    select
        vendor,
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
    select * from without_rate
    union all
    select * from unbilled

)

select
    md5(vendor || '|' || coalesce(line, '') || '|' || usage_month || '|' || cause || '|' || certainty) as reconciliation_key,
    vendor,
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
