-- Outcomes that name no trace that is known: each time that one came to another status, the last run of its customer and workflow that
-- began within a day before and that no outcome names. The more runs there were to choose from, and the more outcomes take a run for
-- their own, the less sure it is that all of these are its own.
with unnamed as (

    select
        outcomes.outcome_id,
        outcomes.workflow,
        outcomes.customer_id,
        moments.told_at,
        days.trace_date
    from {{ ref('int_outcomes') }} as outcomes
    inner join {{ ref('stg_outcomes__moments') }} as moments on outcomes.outcome_id = moments.outcome_id,
        {{ each_day('moments.told_date - 1', 'moments.told_date', 'days', 'trace_date') }}
    where
        outcomes.workflow is not null
        and outcomes.customer_id is not null
        and outcomes.outcome_id not in (select named.outcome_id from {{ ref('int_named_attempts') }} as named)

),

named_runs as (

    select distinct
        trace_id,
        trace_date
    from {{ ref('int_named_attempts') }}

),

last_runs as (

    select
        unnamed.outcome_id,
        traces.trace_id,
        traces.trace_date,
        traces.workflow,
        count(*) over (partition by unnamed.outcome_id, unnamed.told_at) as choices
    from unnamed
    inner join {{ ref('int_traces') }} as traces
        on
            unnamed.trace_date = traces.trace_date
            and unnamed.workflow = traces.workflow
            and unnamed.customer_id = traces.customer_id
            and traces.started_at between unnamed.told_at - interval '{{ var("outcome_link_hours") }}' hour and unnamed.told_at
    left join named_runs on traces.trace_id = named_runs.trace_id and traces.trace_date = named_runs.trace_date
    where named_runs.trace_id is null
    qualify
        row_number() over (
            partition by unnamed.outcome_id, unnamed.told_at order by traces.started_at desc, traces.trace_id asc
        ) = 1

),

runs as (

    select
        outcome_id,
        trace_id,
        trace_date,
        workflow,
        min(choices) * count(*) over (partition by trace_id, trace_date) as choices
    from last_runs
    group by outcome_id, trace_id, trace_date, workflow

)

select
    outcome_id,
    trace_id,
    trace_date,
    workflow,
    cast(round(1.0 / round(exp(sum(ln(choices)) over (partition by outcome_id)), 0), 18) as {{ ratio() }}) as link_confidence
from runs
