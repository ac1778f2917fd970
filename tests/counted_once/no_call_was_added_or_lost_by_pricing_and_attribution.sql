-- Identity, keys, aliases, workflows and prices neither multiply a record nor lose one: each is in one call.
{%- set of_calls = models_of('calls') | join("', '") %}
with records as (

    select sum(rows_staged) as records
    from {{ ref('int_rows_of_files') }}
    where source in ('{{ of_calls }}')

),

calls as (

    select sum(sighting_count) as sightings
    from {{ ref('int_calls_priced') }}

)

select *
from records
cross join calls
where coalesce(records.records, 0) <> coalesce(calls.sightings, 0)
