-- Calls that one record tells of are passed on as they are; few are told of by several.
with identified as (

    select
        {{ call_columns('calls') }},
        {{ targets('calls') }},
        {{ comma_list(attributed_by_columns(), 'calls') }},
        calls.source as seen_by,
        cast(1 as bigint) as sighting_count,
        false as has_conflicting_sightings
    from {{ ref('int_calls_attributed') }} as calls
    left join {{ ref('int_call_matches') }} as matches
        on
            calls.call_date = matches.sighting_date
            and calls.source = matches.source
            and calls.file_hash = matches.file_hash
            and calls.file_row = matches.file_row
    where matches.file_row is null
    union all
    select
        {{ call_columns() }},
        {{ targets() }},
        {{ comma_list(attributed_by_columns()) }},
        {{ comma_list(sighting_columns()) }}
    from {{ ref('int_calls_merged') }}

)

select
    {{ comma_list(call_column_names() | reject('equalto', 'provider'), 'identified') }},
    coalesce(identified.provider, vendors.provider) as provider,
    {{ targets('identified') }},
    {{ comma_list(attributed_by_columns(), 'identified') }},
    {{ comma_list(sighting_columns(), 'identified') }}
from identified
left join {{ ref('int_unnamed_vendors') }} as vendors
    on identified.call_date = vendors.call_date and identified.model = vendors.model
