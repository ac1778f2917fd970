-- Every trace that any row of an outcome named: all of them are attempts at it. It came when it was last told, before it was reversed.
select
    outcome_id,
    trace_id,
    coalesce(max(occurred_at) filter (where status <> 'reversed'), max(occurred_at)) as came_at
from {{ source('raw', 'outcomes') }}
where trace_id is not null
group by outcome_id, trace_id
