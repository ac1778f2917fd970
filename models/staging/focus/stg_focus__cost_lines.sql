with source as (

    select * from {{ source('raw', 'focus') }}

),

current_delivery as (

    -- A newer snapshot of a bill replaces the older one.
    {{ current_delivery('focus', 'BillingAccountId', 'BillingPeriodStart') }}

),

identified as (

    -- Equal lines inside one bill are separate charges, so the id counts them.
    select
        *,
        {{ source_columns_text('focus') }} as line_text
    from current_delivery

),

renamed as (

    select
        {{ cost_line_id('line_text') }} as cost_line_id,
        day as charge_date,
        'focus' as source,
        _file_hash as file_hash,
        _row as file_row,
        ProviderName as provider,
        PublisherName as publisher,
        ServiceName as service,
        ServiceCategory as service_category,
        ChargeCategory as charge_category,
        ChargeClass as charge_class,
        ChargeDescription as charge_description,
        ChargeFrequency as charge_frequency,
        ChargePeriodStart as charge_period_start,
        ChargePeriodEnd as charge_period_end,
        BillingPeriodStart as billing_period_start,
        BillingPeriodEnd as billing_period_end,
        BillingAccountId as billing_account_id,
        SubAccountId as sub_account_id,
        InvoiceIssuerName as invoice_issuer,
        InvoiceId as invoice_id,
        ResourceId as resource_id,
        SkuId as sku_id,
        RegionId as region,
        CommitmentDiscountId as commitment_discount_id,
        CommitmentDiscountStatus as commitment_discount_status,
        cast(null as varchar) as model,
        cast(null as varchar) as token_class,
        {{ attributed_targets('focus', allocation_targets(), tags='Tags') }},
        false as is_explanation,
        ConsumedQuantity as consumed_quantity,
        ConsumedUnit as consumed_unit,
        {{ currency_of('BillingCurrency') }} as billing_currency,
        ListCost as list_cost,
        ContractedCost as contracted_cost,
        BilledCost as billed_cost,
        EffectiveCost as effective_cost
    from identified

)

select * from renamed
