-- As Microsoft maps these exports to FOCUS: what was billed stands in the actual one, what it is worth in the amortised one.
with lines as (

    select
        *,
        lower(coalesce(charge_type, 'usage')) as charge_kind,
        coalesce(replace(lower(pricing_model), ' ', '') in ('reservation', 'savingsplan'), reservation_id is not null)
        or charge_kind like 'unused%' as is_commitment,
        {{ meter_words("meter_name") }} as words
    from {{ ref('stg_azure_cost__paired') }}
    where not is_repeated

),

described as (

    select
        *,
        is_commitment and (charge_kind like '%purchase%' or charge_kind = 'refund') as is_commitment_bought,
        is_commitment and (charge_kind like '%usage%' or charge_kind like 'unused%') as is_covered,
        {{ currency_of('coalesce(pricing_currency, currency)') }} = {{ currency_of('currency') }} as is_priced_as_billed,
        charge_kind like '%usage%' and {{ has_word('words', ['tokens']) }} as counts_tokens,
        -- What is bought has no meter.
        coalesce({{ microsoft_service('meter_category', 'meter_sub_category') }}, product) as service
    from lines

)

select
    md5('azure_cost|' || line_key || '|' || line_number) as cost_line_id,
    day as charge_date,
    'azure_cost' as source,
    _file_hash as file_hash,
    _row as file_row,
    'Microsoft' as provider,
    publisher_name as publisher,
    service,
    case when counts_tokens then 'AI and Machine Learning' end as service_category,
    case
        when charge_kind like '%usage%' or charge_kind like 'unused%' then 'Usage'
        when charge_kind like '%purchase%' or charge_kind = 'refund' then 'Purchase'
        when charge_kind = 'tax' then 'Tax'
        when charge_kind = 'credit' then 'Credit'
        else 'Adjustment'
    end as charge_category,
    case when charge_kind = 'refund' then 'Correction' end as charge_class,
    coalesce(product, meter_name) as charge_description,
    case lower(frequency)
        when 'onetime' then 'One-Time' when 'recurring' then 'Recurring' when 'usagebased' then 'Usage-Based'
    end as charge_frequency,
    cast(day as timestamp) as charge_period_start,
    cast(day + 1 as timestamp) as charge_period_end,
    coalesce(billing_period_start, cast(bill_month as timestamp)) as billing_period_start,
    -- As Microsoft's FOCUS exports name it, so that both are known as one bill.
    case
        when coalesce(billing_account_id, '/') like '/%' then coalesce(billing_account_id, account)
        else concat_ws(
            '', '/providers/Microsoft.Billing/billingAccounts/', billing_account_id,
            '/billingProfiles/' || nullif(account, billing_account_id)
        )
    end as billing_account_id,
    subscription_id as sub_account_id,
    coalesce(partner_name, 'Microsoft') as invoice_issuer,
    invoice_id,
    resource_id,
    product_id as sku_id,
    replace(lower(resource_location), ' ', '') as region,
    case when counts_tokens then {{ meter_model('words', 'meter_sub_category') }} end as model,
    case when counts_tokens then {{ meter_token_class('words') }} end as token_class,
    coalesce(benefit_id, reservation_id) as commitment_discount_id,
    case when charge_kind like 'unused%' then 'Unused' when is_covered then 'Used' end as commitment_discount_status,
    {{ attributed_targets('azure_cost', allocation_targets(), tags='tags') }},
    false as is_explanation,
    -- A quantity is in units of price: 2 of `1K` are two thousand.
    case
        when counts_tokens then {{ product_of('quantity', units_of_price('unit')) }}
        when charge_kind like '%usage%' then quantity
    end as consumed_quantity,
    case when counts_tokens then 'tokens' when charge_kind like '%usage%' then unit end as consumed_unit,
    {{ currency_of('currency') }} as billing_currency,
    -- The public price of an agreement's lines is in the pricing currency. What lay unused was used at no price.
    case
        when charge_kind like 'unused%' then null
        when list_cost is not null then list_cost
        when is_priced_as_billed then nullif({{ product_of('quantity', 'list_price') }}, 0)
    end as list_cost,
    -- What no commitment covers costs the negotiated price. That of covered usage is known where the line has its unit price.
    case
        when charge_kind like 'unused%' then null
        when not is_covered then coalesce(actual_cost, amortised_cost)
        when is_priced_as_billed then nullif({{ product_of('quantity', 'unit_price') }}, 0)
    end as contracted_cost,
    -- A commitment is billed when it is bought. Other lines cost the same in both exports, so one of them tells both costs.
    case
        when actual_cost is not null then actual_cost
        when is_covered then 0
        when not has_actual then amortised_cost
    end as billed_cost,
    -- What a commitment covers, and what of it lay unused, has its share of it; only the amortised export knows that share.
    case
        when amortised_cost is not null then amortised_cost
        when is_commitment_bought then 0
        when not has_amortised and not is_covered then actual_cost
    end as effective_cost,
    {{ at_ratio('billed_cost', 'cost_as_usd', 'cost') }} as stated_cost_usd,
    {{ charge_details(tags='tags', sku_meter='meter_name', pricing_quantity='quantity', pricing_unit='unit') }},
    {{ comma_list(['consumed_service', 'resource_group', 'meter_id', 'meter_sub_category', 'meter_name', 'pricing_model']) }},
    {{ comma_list(['publisher_type', 'cost_center', 'invoice_section', 'effective_price', 'cost_in_usd', 'exchange_rate']) }}
from described
