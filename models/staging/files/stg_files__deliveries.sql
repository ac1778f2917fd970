{%- set delivered = 'source, edition, folder_account, billing_account_id, billing_period_start' -%}
with delivered as (

    select
        source,
        file_hash,
        edition,
        first_seen_at,
        {{ list_text("paths") }} like '%/append/%' as is_appended,
        -- Reports that do not say whose they are: a folder may.
        coalesce({{ matched_group(list_text("paths"), "/account=([^/]+)/", 1) }}, '') as folder_account,
        {{ unnested("deliveries") }} as delivery
    from {{ source('raw', 'files') }}

),

renamed as (

    select
        delivered.source,
        delivered.file_hash,
        coalesce(delivered.edition, '') as edition,
        coalesce(delivered.delivery.billing_account_id, '') as billing_account_id,
        coalesce(delivered.delivery.billing_period_start, timestamp '1970-01-01') as billing_period_start,
        delivered.delivery.exported_at,
        delivered.first_seen_at,
        delivered.folder_account,
        -- Corrections of earlier bills alone, or what the vendor is said to append, add to a bill.
        delivered.is_appended or coalesce(delivered.delivery.is_correction, false) as is_addition
    from delivered

),

dated as (

    -- Newer is told by the export time where every delivery of the period has one, else by when the file was first seen.
    select
        *,
        case
            when
                count(exported_at) over (partition by {{ delivered }})
                = count(*) over (partition by {{ delivered }})
                then exported_at
            else first_seen_at
        end as delivered_at
    from renamed

),

ranked as (

    -- Of a bill counts the newest delivery, and what has been added to it since. Files of one bill that came together are its
    -- parts. A bucket of a report lies in one file: of two, content decides.
    select
        *,
        delivered_at >= coalesce(
            max(case when not is_addition then delivered_at end) over (
                partition by {{ delivered }}
            ),
            delivered_at
        )
        and (
            source not in ({{ bucketed_sources() }})
            or row_number() over (
                partition by {{ delivered }} order by delivered_at desc, file_hash asc
            ) = 1
        ) as is_current
    from dated

)

select
    ranked.source,
    parts.day as charge_date,
    ranked.file_hash,
    ranked.edition,
    ranked.billing_account_id,
    ranked.billing_period_start,
    ranked.exported_at,
    ranked.delivered_at,
    ranked.folder_account,
    ranked.is_current
from ranked
inner join {{ source('raw', 'file_parts') }} as parts on ranked.source = parts.source and ranked.file_hash = parts.file_hash
