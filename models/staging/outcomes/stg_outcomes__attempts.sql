-- Every trace that any row of an outcome named: all of them are attempts at it.
select distinct
    outcome_id,
    trace_id
from {{ source('raw', 'outcomes') }}
where trace_id is not null
