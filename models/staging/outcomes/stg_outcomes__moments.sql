-- When each outcome was told of, before it was reversed: a run that led to it began not long before one of these moments.
select distinct
    outcome_id,
    occurred_at as told_at,
    day as told_date
from {{ source('raw', 'outcomes') }}
qualify status <> 'reversed' or count(case when status <> 'reversed' then 1 end) over (partition by outcome_id) = 0
