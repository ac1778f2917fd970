with source as (

    select * from {{ source('raw', 'focus') }}

),

current_delivery as (

    -- A newer snapshot of a bill replaces the older one; corrections of earlier bills add to it.
    {{ current_delivery('focus', 'BillingAccountId', 'BillingPeriodStart') }}

),

identified as (

    -- Equal lines inside one bill are separate charges, so the id counts them.
    select
        *,
        {{ both_maps('Tags', 'AllocatedTags') }} as all_tags,
        coalesce(SkuMeter, x_columns['SkuMeterName'], ChargeDescription) as meter,
        coalesce(coalesce(ServiceProviderName, ProviderName) = 'Microsoft', false) as is_microsoft,
        coalesce(
            {{ tokens_of_unit('ConsumedUnit') }},
            case when is_microsoft and ChargeCategory = 'Usage' then {{ tokens_of_microsoft('ConsumedUnit', 'meter') }} end
        ) as tokens_of_unit,
        {{ source_columns_text('focus') }} as line_text
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'focus' as source,
    _file_hash as file_hash,
    _row as file_row,
    -- Who sells the service; of a marketplace's line up to FOCUS 1.2 the marketplace, whose PublisherName names the seller.
    coalesce(ServiceProviderName, ProviderName) as provider,
    PublisherName as publisher,
    -- All that Microsoft's models cost stands under Azure AI Services; the meter tells of which service it is.
    case
        when is_microsoft and (tokens_of_unit is not null or lower(ServiceName) in ('azure ai services', 'cognitive services'))
            then coalesce({{ microsoft_service("x_columns['SkuMeterCategory']", "x_columns['SkuMeterSubcategory']") }}, ServiceName)
        else ServiceName
    end as service,
    ServiceCategory as service_category,
    ChargeCategory as charge_category,
    ChargeClass as charge_class,
    ChargeDescription as charge_description,
    ChargeFrequency as charge_frequency,
    ChargePeriodStart as charge_period_start,
    ChargePeriodEnd as charge_period_end,
    BillingPeriodStart as billing_period_start,
    BillingAccountId as billing_account_id,
    SubAccountId as sub_account_id,
    InvoiceIssuerName as invoice_issuer,
    -- Before the specification had these, Microsoft wrote them into columns of its own.
    coalesce(InvoiceId, x_columns['InvoiceId']) as invoice_id,
    ResourceId as resource_id,
    SkuId as sku_id,
    RegionId as region,
    CommitmentDiscountId as commitment_discount_id,
    CommitmentDiscountStatus as commitment_discount_status,
    case
        when tokens_of_unit is not null
            then coalesce(
                {{ aws_model('ResourceId', "coalesce(x_columns['UsageType'], meter)", 'ServiceName') }},
                {{ meter_model(meter_words('meter'), "x_columns['SkuMeterSubcategory']") }}
            )
    end as model,
    case when tokens_of_unit is not null then coalesce({{ aws_token_class('meter') }}, {{ meter_token_class(meter_words('meter')) }}) end
        as token_class,
    {{ attributed_targets('focus', allocation_targets(), tags='all_tags', metadata='x_columns') }},
    false as is_explanation,
    case
        when tokens_of_unit is null then ConsumedQuantity else {{ product_of('ConsumedQuantity', 'tokens_of_unit') }}
    end as consumed_quantity,
    case when tokens_of_unit is not null then 'tokens' else ConsumedUnit end as consumed_unit,
    {{ currency_of('BillingCurrency') }} as billing_currency,
    ListCost as list_cost,
    ContractedCost as contracted_cost,
    BilledCost as billed_cost,
    EffectiveCost as effective_cost,
    -- A charge without an effective cost, such as a purchase, has no ratio; Microsoft states its dollars beside.
    coalesce({{ priced_in_usd('BilledCost') }}, try_cast(x_columns['BilledCostInUsd'] as {{ money() }})) as stated_cost_usd,
    HostProviderName as host_provider,
    InvoiceDetailId as invoice_detail_id,
    ContractApplied as contract_applied,
    -- A charge that the vendor split: the parts stand in its place, each with what it was split onto.
    AllocatedMethodId as allocated_method_id,
    AllocatedResourceId as allocated_resource_id,
    AllocatedResourceName as allocated_resource_name,
    x_columns,
    {{ charge_details(
        billing_period_end='BillingPeriodEnd', tags='Tags', billing_account_name='BillingAccountName', sub_account_name='SubAccountName',
        billing_account_type='BillingAccountType', sub_account_type='SubAccountType', resource_name='ResourceName',
        resource_type='ResourceType', region_name='RegionName', availability_zone='AvailabilityZone', sku_meter='SkuMeter',
        service_subcategory='ServiceSubcategory', sku_price_id='SkuPriceId', sku_price_details='SkuPriceDetails',
        pricing_category='PricingCategory', pricing_unit='PricingUnit', pricing_currency='PricingCurrency',
        commitment_discount_category='CommitmentDiscountCategory', commitment_discount_name='CommitmentDiscountName',
        commitment_discount_type='CommitmentDiscountType', commitment_discount_unit='CommitmentDiscountUnit',
        capacity_reservation_id='CapacityReservationId', capacity_reservation_status='CapacityReservationStatus',
        pricing_quantity='PricingQuantity', list_unit_price='ListUnitPrice', contracted_unit_price='ContractedUnitPrice',
        commitment_discount_quantity='CommitmentDiscountQuantity', pricing_currency_list_unit_price='PricingCurrencyListUnitPrice',
        pricing_currency_contracted_unit_price='PricingCurrencyContractedUnitPrice',
        pricing_currency_effective_cost='PricingCurrencyEffectiveCost',
    ) }}
from identified
