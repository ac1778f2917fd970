-- Identity, keys, aliases, workflows and prices neither multiply a record nor lose one: each is in one call.
with records as (

    select count(*) as records
    from {{ ref('int_call_sightings') }}
    where {{ in_unpublished_days(ref('int_calls_priced'), 'call_date') }}

),

calls as (

    select coalesce(sum(sighting_count), 0) as sightings
    from {{ ref('int_calls_priced') }}
    where {{ in_unpublished_days(ref('int_calls_priced'), 'call_date') }}

)

select *
from records
cross join calls
where records.records <> calls.sightings
