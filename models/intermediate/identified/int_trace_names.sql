{{ config(materialized='days', day='call_date', day_after=1, meta={'fingerprint': 'content'}) }}

-- A call that a gateway and a tracing tool saw has a trace in each. It counts in one; an outcome may name the other.
with matches as (

    select * from {{ ref('int_call_matches') }}
    where {{ in_days('sighting_date', 0, 1) }} and {{ in_days('call_date') }}

),

named as (

    select
        matches.call_date,
        matches.match_key,
        calls.trace_id
    from matches
    inner join {{ ref('int_calls_attributed') }} as calls
        on
            matches.sighting_date = calls.call_date
            and matches.source = calls.source
            and matches.file_hash = calls.file_hash
            and matches.file_row = calls.file_row
    where {{ in_days('calls.call_date', 0, 1) }} and calls.trace_id is not null

),

counted as (

    select
        matches.match_key,
        merged.call_date,
        merged.trace_id
    from matches
    inner join {{ ref('int_calls_merged') }} as merged
        on
            matches.call_date = merged.call_date
            and matches.source = merged.source
            and matches.file_hash = merged.file_hash
            and matches.file_row = merged.file_row
    where matches.fullness_rank = 1 and {{ in_days('merged.call_date') }}

)

select distinct
    counted.call_date,
    named.trace_id as named_trace_id,
    counted.trace_id
from counted
inner join named on counted.call_date = named.call_date and counted.match_key = named.match_key
where counted.trace_id <> named.trace_id
