-- Metered usage that no bill shows, as lines of the ledger. An accrual is what is expected to be billed: it has an effective cost, and no
-- billed one until the bill comes. What a balance pays for was billed when that was bought: it has no cost to bill.
select
    {{ accrued_line_id() }} as cost_line_id,
    call_date as charge_date,
    'metered' as source,
    case when is_prepaid then 'invoiced' else 'accrued' end as cost_status,
    provider,
    provider as vendor,
    model as service,
    'AI and Machine Learning' as service_category,
    'Usage' as charge_category,
    token_class || ' of ' || model as charge_description,
    'Usage-Based' as charge_frequency,
    cast(call_date as timestamp) as charge_period_start,
    cast(call_date + 1 as timestamp) as charge_period_end,
    cast({{ month_of('call_date') }} as timestamp) as billing_period_start,
    account as billing_account_id,
    commitment_id as commitment_discount_id,
    case when is_prepaid then 'Used' end as commitment_discount_status,
    cast(null as bigint) as file_row,
    {{ untold(
        'file_hash', 'publisher', 'charge_class', 'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'sku_id', 'region',
    ) }},
    {% for column in target_columns() + attributed_by_columns(allocation_targets()) -%}
        cast(null as varchar) as {{ column }},
    {% endfor -%}
    model,
    token_class,
    cast(sum(quantity) as {{ money() }}) as consumed_quantity,
    case
        when token_class in ('requests', 'web_searches', 'seconds', 'images', 'characters') then token_class
        else 'tokens'
    end as consumed_unit,
    'USD' as billing_currency,
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost,
    cast(case when is_prepaid then 0 end as {{ money() }}) as billed_cost,
    cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    cast(null as {{ charge_detail_types()['tags'] }}) as tags
from {{ ref('int_accrued_usage') }}
group by call_date, provider, account, model, token_class, commitment_id, is_prepaid
