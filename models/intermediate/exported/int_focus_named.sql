-- Names, units and commitments by FOCUS's rules of what must be told together.
{%- set commitment_words = "lower(concat_ws(' ', charges.commitment_discount_type, commitments.kind, charges.commitment_discount_id))" %}
with charges as (

    select * from {{ ref('int_focus_charges') }}

),

named as (

    select
        charges.*,
        {{ told('charges.commitment_discount_id') }} as discount_id,
        case
            when discount_id is null then null
            when charges.commitment_discount_category in ('Spend', 'Usage') then charges.commitment_discount_category
            when {{ commitment_words }} like '%reserv%' or {{ commitment_words }} like '%provisioned%' then 'Usage'
            else 'Spend'
        end as commitment_category,
        case
            when discount_id is not null
                then coalesce({{ told('charges.commitment_discount_type') }}, commitments.kind, 'Commitment')
        end as commitment_type,
        coalesce({{ told('charges.billing_account_id') }}, charges.vendor, 'Unknown') as account_id,
        {{ focus_currency('charges.billing_currency') }} as currency,
        coalesce(charges.billing_period_start, cast(charges.usage_month as timestamp)) as period_start,
        {{ told('charges.capacity_reservation_id') }} as reservation_id,
        coalesce({{ told('charges.provider') }}, charges.vendor, 'Unknown') as own_name,
        coalesce({{ told('charges.invoice_issuer') }}, own_name) as stated_issuer,
        -- One company has one name on a line, and whoever is paid has made it available.
        case when charges.is_own_issuer then own_name else stated_issuer end as issuer,
        case when charges.billed_cost <> 0 then issuer else own_name end as seller,
        coalesce({{ told('charges.region') }}, {{ told('charges.region_name') }}) as region_id,
        {{ told('charges.sub_account_id') }} as sub_id,
        -- What is bought of a commitment, and what of it lies unused, is the commitment itself.
        coalesce(
            case when charges.category = 'Purchase' or charges.commitment_status = 'Unused' then discount_id end,
            {{ told('charges.resource_id') }}
        ) as thing_id,
        case when thing_id is not null then coalesce({{ told('charges.resource_type') }}, 'Resource') end as thing_type,
        coalesce(
            {{ told('charges.sku_meter') }}, {{ meter_name('charges.token_class') }}, {{ told('charges.charge_description') }},
            charges.service_name
        ) as meter,
        coalesce(
            {{ plain_json('charges.sku_price_details') }},
            case when charges.model is not null then {{ json_of({'x_Model': 'charges.model', 'x_TokenClass': 'charges.token_class'}) }} end
        ) as price_details
    from charges
    left join {{ ref('stg_company__commitments') }} as commitments
        on charges.commitment_discount_id = commitments.commitment_id and {{ is_valid('commitments', 'charges.charge_date') }}

)

select
    named.*,
    prices.list_unit_price as list_price,
    prices.contracted_unit_price as contracted_price,
    prices.pricing_quantity as price_quantity,
    prices.pricing_unit as price_unit,
    case
        when prices.cost_line_id is null then null
        when named.discount_id is not null and named.category = 'Usage' then 'Committed'
        when named.pricing_category in ('Standard', 'Committed', 'Dynamic', 'Other') then named.pricing_category
        else 'Standard'
    end as price_category,
    (named.category = 'Usage' and coalesce(named.commitment_status, '') <> 'Unused') as is_consumption,
    case when is_consumption then coalesce(named.consumed_quantity, prices.pricing_quantity) end as used_quantity,
    case
        when not is_consumption then null
        when named.consumed_quantity is null then prices.pricing_unit
        when prices.pricing_unit = '1000000 Tokens' then 'Tokens'
        else {{ focus_unit(told('named.consumed_unit')) }}
    end as used_unit,
    named.discount_id is not null and prices.cost_line_id is not null and not coalesce(named.is_correction, false) as counts_commitment,
    -- A commitment to spend is counted in money, one to use in what is used.
    case
        when not counts_commitment then null
        when named.commitment_discount_quantity is not null then named.commitment_discount_quantity
        when named.commitment_category = 'Spend' and named.category = 'Purchase' then named.billed_cost
        when named.commitment_category = 'Spend' then named.effective_cost
        else coalesce(used_quantity, prices.pricing_quantity)
    end as commitment_quantity,
    case
        when not counts_commitment then null
        when named.commitment_discount_quantity is not null and {{ told('named.commitment_discount_unit') }} is not null
            then {{ focus_unit(told('named.commitment_discount_unit')) }}
        when named.commitment_category = 'Spend' then named.currency
        else coalesce(used_unit, prices.pricing_unit)
    end as commitment_unit,
    -- Prices in another currency, or in a vendor's own credits, where the bill tells them whole.
    coalesce(
        {{ currency_of('named.pricing_currency') }} <> named.currency
        and named.pricing_currency_effective_cost is not null
        and coalesce(
            prices.pricing_currency_list_unit_price >= 0 and prices.pricing_currency_contracted_unit_price >= 0, prices.cost_line_id is null
        ),
        false
    ) as is_priced_apart,
    case when is_priced_apart then prices.pricing_currency_list_unit_price else prices.list_unit_price end as price_currency_list_price,
    case when is_priced_apart then prices.pricing_currency_contracted_unit_price else prices.contracted_unit_price end
        as price_currency_contracted_price,
    case
        when not is_priced_apart then named.currency
        when length(trim(named.pricing_currency)) = 3 then {{ currency_of('named.pricing_currency') }}
        else trim(named.pricing_currency)
    end as price_currency
from named
left join {{ ref('int_focus_prices') }} as prices
    on named.charge_date = prices.charge_date and named.cost_line_id = prices.cost_line_id
