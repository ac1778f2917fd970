-- Outcomes that name no trace that is known, each on the last run of its customer and workflow that began within a day before it. The
-- more runs there were to choose from, the less sure it is.
with unnamed as (

    select
        outcomes.outcome_id,
        outcomes.occurred_at,
        outcomes.workflow,
        outcomes.customer_id,
        days.trace_date
    from {{ ref('int_outcomes') }} as outcomes,
        {{ each_day('outcomes.occurred_date - 1', 'outcomes.occurred_date', 'days', 'trace_date') }}
    where
        outcomes.workflow is not null
        and outcomes.customer_id is not null
        and outcomes.outcome_id not in (select named.outcome_id from {{ ref('int_named_attempts') }} as named)

)

select
    unnamed.outcome_id,
    traces.trace_id,
    traces.trace_date,
    traces.workflow,
    cast(round(1.0 / count(*) over (partition by unnamed.outcome_id), 18) as {{ ratio() }}) as link_confidence
from unnamed
inner join {{ ref('int_traces') }} as traces
    on
        unnamed.trace_date = traces.trace_date
        and unnamed.workflow = traces.workflow
        and unnamed.customer_id = traces.customer_id
        and traces.started_at between unnamed.occurred_at - interval '{{ var("outcome_link_hours") }}' hour and unnamed.occurred_at
qualify
    row_number() over (partition by unnamed.outcome_id order by traces.started_at desc, traces.trace_id asc) = 1
