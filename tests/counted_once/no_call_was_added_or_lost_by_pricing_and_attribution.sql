-- Identity, keys, aliases, workflows and prices neither multiply a record nor lose one: each is in one call.
with records as (

    {% for model in models_of('calls').values() -%}
        select count(*) as records
        from {{ ref(model) }}
        where {{ in_unpublished_days(ref('int_calls_priced'), 'call_date') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

calls as (

    select coalesce(sum(sighting_count), 0) as sightings
    from {{ ref('int_calls_priced') }}
    where {{ in_unpublished_days(ref('int_calls_priced'), 'call_date') }}

)

select *
from (select sum(records) as records from records) as told
cross join calls
where told.records <> calls.sightings
