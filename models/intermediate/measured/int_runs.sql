{{ config(materialized='table') }}

-- The runs behind each metric of cost per success: an outcome with all its attempts, or a run of the same workflow without one.
with attempts as (

    -- A trace that several outcomes of one metric name is paid for once.
    select
        metrics.metric,
        outcomes.outcome_id,
        outcomes.status as outcome_status,
        traces.trace_date,
        traces.trace_id,
        {{ targets('traces') }},
        row_number() over (partition by metrics.metric, traces.trace_id order by outcomes.outcome_id) = 1 as is_paid_here,
        traces.unpriced_calls,
        traces.list_cost_usd,
        traces.contracted_cost_usd
    from {{ ref('stg_outcomes__outcomes') }} as outcomes
    inner join {{ ref('unit_metrics') }} as metrics on metrics.outcome_type in (outcomes.outcome_type, '(any)')
    inner join {{ ref('stg_outcomes__attempts') }} as attempts on outcomes.outcome_id = attempts.outcome_id
    inner join {{ ref('int_traces') }} as traces on attempts.trace_id = traces.trace_id

),

with_outcome as (

    select
        metric,
        outcome_id as run_id,
        case
            when outcome_status = 'success' then 'success'
            when outcome_status in ('failure', 'abandoned', 'reversed') then 'failed'
            else 'unknown'
        end as run_status,
        min(trace_date) as run_date,
        {% for column in target_columns() -%}
            min({{ column }}) as {{ column }},
        {% endfor -%}
        sum(unpriced_calls) as unpriced_calls,
        sum(case when is_paid_here then list_cost_usd else 0 end) as list_cost_usd,
        sum(case when is_paid_here then contracted_cost_usd else 0 end) as contracted_cost_usd
    from attempts
    group by metric, outcome_id, outcome_status

),

workflows as (

    select distinct
        metric,
        workflow
    from attempts
    where workflow <> '(unallocated)'

),

without_outcome as (

    select
        workflows.metric,
        traces.*
    from {{ ref('int_traces') }} as traces
    inner join workflows on traces.workflow = workflows.workflow
    left join {{ ref('stg_outcomes__attempts') }} as attempts on traces.trace_id = attempts.trace_id
    where attempts.trace_id is null

),

runs as (

    select * from with_outcome
    union all
    select
        metric,
        trace_id,
        'unknown' as run_status,
        trace_date,
        {{ targets() }},
        unpriced_calls,
        list_cost_usd,
        contracted_cost_usd
    from without_outcome
    union all
    select
        'workflow_completion' as metric,
        trace_id,
        case status when 'success' then 'success' when 'failure' then 'failed' else 'unknown' end as run_status,
        trace_date,
        {{ targets() }},
        unpriced_calls,
        list_cost_usd,
        contracted_cost_usd
    from {{ ref('int_traces') }}
    where workflow <> '(unallocated)'

)

select
    metric,
    run_date,
    {{ targets() }},
    run_status,
    cast(count(*) as bigint) as runs,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
from runs
group by metric, run_date, run_status, {{ targets() }}
