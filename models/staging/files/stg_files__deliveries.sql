{{ config(materialized='table') }}
{%- set delivered = 'source, edition, folder_account, billing_account_id, billing_period_start' -%}
{%- set sold = delivered ~ ', seller' -%}
with renamed as (

    {{ told_deliveries() }}

),

dated as (

    -- Newer is told by the export time where every delivery of the period has one, else by when it was seen. What came together is one
    -- delivery, as old as the newest content that one of its paths has been given since.
    select
        *,
        max(first_seen_at) over (partition by {{ delivered }}, came_at) as last_seen_at,
        case
            when
                count(exported_at) over (partition by {{ delivered }})
                = count(*) over (partition by {{ delivered }})
                then exported_at
            else last_seen_at
        end as delivered_at
    from renamed

),

-- A name may tell no more than a day, or the period: of deliveries named so alike, the one that was seen later is the newer.
numbered as (

    select
        *,
        dense_rank() over (
            partition by {{ delivered }}
            order by delivered_at, case when delivered_at = date_trunc('day', delivered_at) then last_seen_at end
        ) as delivery_no,
        count(*) over (partition by {{ delivered }}) > 1 as has_others
    from dated

),

-- What a delivery tells of: a scope (a subscription, a member account, a product) of a seller on a day. Without one named it is all of
-- them; what two sellers call alike is two accounts.
cells as (

    {{ told_cells('numbered', delivered) }}

),

compared as (

    select
        *,
        max(case when not is_addition then delivery_no end) over (partition by {{ sold }}) as bill_no,
        max(case when not is_addition then delivery_no end) over (partition by {{ sold }}, day) as any_no,
        max(case when not is_addition and scope = '' then delivery_no end) over (partition by {{ sold }}, day) as whole_no,
        max(case when not is_addition then delivery_no end) over (partition by {{ sold }}, day, scope) as same_no
    from cells

),

-- Of a bill counts the newest delivery, and what has been added to it since. A newer one replaces what tells of the same; deliveries that
-- have nothing in common are parts of one bill, as are files of it that came together. A bucket of a report lies in one file: of two,
-- content decides.
ranked as (

    select
        {{ delivered }},
        file_hash,
        exported_at,
        came_at,
        first_seen_at,
        delivery_no >= coalesce(
            max(
                case
                    when is_addition or source in ({{ bucketed_sources() }}) then bill_no
                    when scope = '' then any_no
                    else greatest(coalesce(whole_no, same_no), coalesce(same_no, whole_no))
                end
            ),
            delivery_no
        )
        and (
            source not in ({{ bucketed_sources() }})
            or row_number() over (partition by {{ delivered }} order by delivery_no desc, first_seen_at desc, file_hash asc) = 1
        ) as is_current
    from compared
    group by {{ delivered }}, file_hash, exported_at, came_at, first_seen_at, delivery_no

)

select
    ranked.source,
    parts.day as charge_date,
    ranked.file_hash,
    ranked.edition,
    ranked.billing_account_id,
    ranked.billing_period_start,
    ranked.exported_at,
    -- When it first showed the day, whatever of it was written anew since; a path that is older than the day did not show it yet.
    coalesce(ranked.exported_at, case when ranked.came_at >= parts.day then ranked.came_at else ranked.first_seen_at end) as arrived_at,
    ranked.folder_account,
    ranked.is_current
from ranked
inner join {{ source('raw', 'file_parts') }} as parts on ranked.source = parts.source and ranked.file_hash = parts.file_hash
