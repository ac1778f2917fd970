-- When each outcome came to another status, before it was reversed: a run that led to it began not long before one of these moments. What
-- only says again what was said last tells of no run.
select distinct
    outcome_id,
    occurred_at as told_at,
    day as told_date
from {{ source('raw', 'outcomes') }}
qualify
    coalesce(status <> lag(status) over (partition by outcome_id order by occurred_at, {{ status_rank() }}, status), true)
    and (status <> 'reversed' or count(case when status <> 'reversed' then 1 end) over (partition by outcome_id) = 0)
