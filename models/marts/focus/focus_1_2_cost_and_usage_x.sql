{{ config(materialized='days', day='x_ChargeDate') }}

-- The columns of FOCUS 1.2 by its own names, then ours as `x_`.
with charges as (

    select * from {{ ref('int_focus_named') }}

)

select
    {{ told('charges.availability_zone') }} as AvailabilityZone,
    charges.billed_cost as BilledCost,
    charges.account_id as BillingAccountId,
    coalesce({{ told('charges.billing_account_name') }}, charges.account_id) as BillingAccountName,
    coalesce({{ told('charges.billing_account_type') }}, 'Billing Account') as BillingAccountType,
    charges.currency as BillingCurrency,
    {{ iso_time(
        "case when charges.billing_period_end > charges.period_start then charges.billing_period_end"
        ~ " else charges.period_start + interval '1' month end"
    ) }} as BillingPeriodEnd,
    {{ iso_time('charges.period_start') }} as BillingPeriodStart,
    charges.reservation_id as CapacityReservationId,
    case
        when charges.reservation_id is not null and charges.category = 'Usage'
            then case when lower(charges.capacity_reservation_status) = 'unused' then 'Unused' else 'Used' end
    end as CapacityReservationStatus,
    charges.category as ChargeCategory,
    case when charges.is_correction then 'Correction' end as ChargeClass,
    coalesce({{ told('charges.charge_description') }}, charges.service_name) as ChargeDescription,
    case
        when charges.charge_frequency in ('One-Time', 'Recurring') then charges.charge_frequency
        when charges.category = 'Usage' then 'Usage-Based'
        else 'One-Time'
    end as ChargeFrequency,
    {{ iso_time(
        "case when charges.charge_period_end > charges.charge_period_start and charges.charge_period_end < timestamp '9999-01-01 00:00:00'"
        ~ " then charges.charge_period_end else charges.charge_period_start + interval '1' day end"
    ) }} as ChargePeriodEnd,
    {{ iso_time('charges.charge_period_start') }} as ChargePeriodStart,
    charges.commitment_category as CommitmentDiscountCategory,
    charges.discount_id as CommitmentDiscountId,
    case when charges.discount_id is not null then {{ told('charges.commitment_discount_name') }} end as CommitmentDiscountName,
    charges.commitment_quantity as CommitmentDiscountQuantity,
    charges.commitment_status as CommitmentDiscountStatus,
    charges.commitment_type as CommitmentDiscountType,
    charges.commitment_unit as CommitmentDiscountUnit,
    charges.used_quantity as ConsumedQuantity,
    charges.used_unit as ConsumedUnit,
    charges.contracted_cost as ContractedCost,
    charges.contracted_price as ContractedUnitPrice,
    charges.effective_cost as EffectiveCost,
    {{ told('charges.invoice_id') }} as InvoiceId,
    charges.issuer as InvoiceIssuerName,
    charges.list_cost as ListCost,
    charges.list_price as ListUnitPrice,
    charges.price_category as PricingCategory,
    charges.price_currency as PricingCurrency,
    charges.price_currency_contracted_price as PricingCurrencyContractedUnitPrice,
    case when charges.is_priced_apart then charges.pricing_currency_effective_cost else charges.effective_cost end
        as PricingCurrencyEffectiveCost,
    charges.price_currency_list_price as PricingCurrencyListUnitPrice,
    charges.price_quantity as PricingQuantity,
    charges.price_unit as PricingUnit,
    charges.seller as ProviderName,
    coalesce({{ told('charges.publisher') }}, charges.seller) as PublisherName,
    charges.region_id as RegionId,
    case when charges.region_id is not null then coalesce({{ told('charges.region_name') }}, charges.region_id) end as RegionName,
    charges.thing_id as ResourceId,
    case when charges.thing_id is not null then {{ told('charges.resource_name') }} end as ResourceName,
    charges.thing_type as ResourceType,
    services.service_category as ServiceCategory,
    charges.service_name as ServiceName,
    services.service_subcategory as ServiceSubcategory,
    skus.sku_id as SkuId,
    case when charges.sku_price_id is not null then charges.meter end as SkuMeter,
    case when charges.sku_price_id is not null then charges.price_details end as SkuPriceDetails,
    charges.sku_price_id as SkuPriceId,
    charges.sub_id as SubAccountId,
    case when charges.sub_id is not null then coalesce({{ told('charges.sub_account_name') }}, charges.sub_id) end as SubAccountName,
    case when charges.sub_id is not null then coalesce({{ told('charges.sub_account_type') }}, 'Sub Account') end as SubAccountType,
    {{ json_of_map('charges.tags') }} as Tags,
    {% for name, column in focus_own_columns().items() -%}
        charges.{{ column }} as {{ name }},
    {% endfor -%}
    charges.charge_date as x_ChargeDate
from charges
inner join {{ ref('int_focus_services') }} as services
    on charges.charge_date = services.charge_date and charges.service_name = services.service_name
left join {{ ref('int_focus_skus') }} as skus on charges.charge_date = skus.charge_date and charges.sku_price_id = skus.sku_price_id
where {{ in_days('charges.charge_date') }}
