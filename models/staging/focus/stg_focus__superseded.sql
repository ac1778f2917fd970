-- Landed lines that a newer delivery of the same bill replaced, counted apart from the model that leaves them out.
with source as (

    select * from {{ source('raw', 'focus') }}

),

replaced as (

    select
        source.day as charge_date,
        'focus' as source,
        source._file_hash as file_hash,
        source._row as file_row,
        source.BillingAccountId as billing_account_id,
        source.BillingPeriodStart as billing_period_start
    from source
    where
        not exists (
            select 1
            from {{ ref('stg_focus__deliveries') }} as deliveries
            where
                source.day = deliveries.charge_date
                and source._file_hash = deliveries.file_hash
                and coalesce(source.BillingAccountId, '') = deliveries.billing_account_id
                and coalesce(source.BillingPeriodStart, timestamp '1970-01-01') = deliveries.billing_period_start
                and deliveries.is_current
        )

)

select * from replaced
