{{ config(materialized='table', meta={'fingerprint_days': ['charge_date'], 'has_own_days': true}) }}

-- What no bill says of a commitment: the loss when a balance expires, which was billed when it was bought; what a minimum lacks, which
-- is accrued until it is billed; and a day's share of a reservation or of provisioned throughput whose bill does not spread it.
with lines as (

    select
        commitment_id,
        vendor,
        account,
        billing_currency,
        ends_on as charge_date,
        'invoiced' as cost_status,
        'Unused' as commitment_discount_status,
        ': unused at its expiry' as what,
        cast(0 as {{ money() }}) as billed_cost,
        unused_cost as effective_cost,
        {{ unknown_amounts('list_cost', 'contracted_cost') }}
    from {{ ref('int_balance_expiries') }}
    where not is_given
    union all
    select
        commitment_id,
        vendor,
        account,
        billing_currency,
        ends_on - 1 as charge_date,
        'accrued' as cost_status,
        'Unused' as commitment_discount_status,
        ': shortfall of the minimum' as what,
        cast(null as {{ money() }}) as billed_cost,
        short_cost as effective_cost,
        {{ unknown_amounts('list_cost', 'contracted_cost') }}
    from {{ ref('int_shortfalls') }}
    where not is_billed
    union all
    select
        commitment_id,
        vendor,
        account,
        billing_currency,
        charge_date,
        case when is_billed then 'invoiced' else 'accrued' end as cost_status,
        'Used' as commitment_discount_status,
        ': share of the day' as what,
        cast(case when is_billed then 0 end as {{ money() }}) as billed_cost,
        day_cost as effective_cost,
        {{ unknown_amounts('list_cost', 'contracted_cost') }}
    from {{ ref('int_reservation_days') }}
    where kind = 'reservation' and not is_amortised_by_bill
    union all
    select
        commitment_id,
        vendor,
        account,
        billing_currency,
        charge_date,
        case when is_billed then 'invoiced' else 'accrued' end as cost_status,
        commitment_discount_status,
        ': ' || lower(commitment_discount_status) || ' on the day' as what,
        cast(case when is_billed then 0 end as {{ money() }}) as billed_cost,
        day_cost as effective_cost,
        list_cost,
        contracted_cost
    from {{ ref('int_provisioned_use') }}

)

select
    md5(commitment_id || '|' || what || '|' || charge_date) as cost_line_id,
    charge_date,
    'commitments' as source,
    cost_status,
    vendor,
    vendor as provider,
    commitment_id as service,
    'AI and Machine Learning' as service_category,
    'Usage' as charge_category,
    commitment_id || what as charge_description,
    'One-Time' as charge_frequency,
    cast(charge_date as timestamp) as charge_period_start,
    cast(charge_date + 1 as timestamp) as charge_period_end,
    cast({{ month_of('charge_date') }} as timestamp) as billing_period_start,
    account as billing_account_id,
    commitment_id as commitment_discount_id,
    commitment_discount_status,
    {{ untold(
        'file_hash', 'publisher', 'charge_class', 'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'sku_id', 'region',
        'model', 'token_class', 'consumed_unit',
    ) }},
    {% for column in target_columns() + attributed_by_columns(allocation_targets()) -%}
        cast(null as varchar) as {{ column }},
    {% endfor -%}
    cast(null as bigint) as file_row,
    cast(null as {{ money() }}) as consumed_quantity,
    billing_currency,
    list_cost,
    contracted_cost,
    billed_cost,
    cast(effective_cost as {{ money() }}) as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    cast(null as {{ charge_detail_types()['tags'] }}) as tags
from lines
