with source as (

    select * from {{ source('raw', 'azure_cost') }}

),

current_exports as (

    select
        source.*,
        exports.edition,
        exports.has_actual,
        exports.has_amortised
    from source
    inner join {{ ref('stg_azure_cost__exports') }} as exports
        on
            source.day = exports.charge_date
            and source._file_hash = exports.file_hash
            and coalesce(source.account, '') = exports.billing_account_id
            and coalesce(cast(source.bill_month as timestamp), timestamp '1970-01-01') = exports.billing_period_start

),

keyed as (

    -- The same line in both exports differs in costs and prices alone.
    select
        *,
        md5({{ source_columns_text('azure_cost', without=[
            'cost', 'cost_in_usd', 'list_cost', 'effective_price', 'unit_price', 'list_price', 'exchange_rate',
        ]) }}) as line_key
    from current_exports

),

numbered as (

    -- Equal lines of one export are separate charges.
    select
        *,
        row_number() over (partition by day, line_key, edition order by cost, _file_hash, _row) as line_number
    from keyed

)

select
    *,
    max(case when edition = '' then cost end) over (partition by day, line_key, line_number) as actual_cost,
    max(case when edition = 'amortised' then cost end) over (partition by day, line_key, line_number) as amortised_cost,
    -- As the export says, else at the rate that it states.
    coalesce(
        nullif(cost_in_usd, 0),
        case when {{ currency_of('pricing_currency') }} = 'USD' then {{ at_ratio('cost', '1', 'exchange_rate') }} end
    ) as cost_as_usd,
    -- Of a pair the amortised line stays: it has the price that was paid.
    row_number() over (partition by day, line_key, line_number order by edition desc) > 1 as is_repeated
from numbered
