{{ config(materialized='days', day='call_date', day_before=14) }}

-- The parts of traces that do not belong to their own day: a trace starts with calls where none lies in the seven days before, and
-- gathers what follows within seven. A part later than that stands for itself, as a fragment. What a day says follows from
-- the two weeks before it alone, however many days are built together.
with nearby as (

    select
        call_date,
        trace_id,
        calls is not null as has_calls
    from {{ ref('int_trace_days') }}
    where {{ in_days('call_date', 14, 0) }}

),

repeated as (

    select trace_id
    from nearby
    group by trace_id
    having count(*) > 1

),

ordered as (

    select
        nearby.call_date,
        nearby.trace_id,
        nearby.has_calls and count(case when nearby.has_calls then 1 end) over (
            partition by nearby.trace_id order by nearby.call_date
            range between interval 7 day preceding and interval 1 day preceding
        ) = 0 as is_start
    from nearby
    inner join repeated on nearby.trace_id = repeated.trace_id

),

assigned as (

    select
        call_date,
        trace_id,
        max(case when is_start then call_date end) over (
            partition by trace_id order by call_date
            range between interval 7 day preceding and current row
        ) as start_date
    from ordered

)

select
    call_date,
    trace_id,
    coalesce(start_date, call_date) as trace_date,
    start_date is null as is_fragment
from assigned
where start_date is distinct from call_date and {{ in_days('call_date') }}
