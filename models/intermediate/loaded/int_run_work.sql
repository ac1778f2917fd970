{{ config(materialized='table', meta={'fingerprint_days': ['trace_date']}) }}

-- Human work on the run that it names, else on the first attempt at the outcome that it names. Imputed: nobody bills it.
with named as (

    select
        effort_id,
        trace_id,
        outcome_id,
        imputed_cost_usd
    from {{ ref('int_human_work') }}
    where imputed_cost_usd is not null and coalesce(trace_id, outcome_id) is not null

),

placed as (

    select
        named.effort_id,
        named.outcome_id,
        coalesce(traces.trace_id, attempts.trace_id) as trace_id,
        coalesce(traces.trace_date, attempts.trace_date) as trace_date,
        named.imputed_cost_usd
    from named
    left join {{ ref('int_traces') }} as traces on named.trace_id = traces.trace_id
    left join {{ ref('int_outcome_attempts') }} as attempts on traces.trace_id is null and named.outcome_id = attempts.outcome_id
    qualify row_number() over (
        partition by named.effort_id order by traces.trace_date, attempts.trace_date, attempts.trace_id
    ) = 1

)

select
    trace_date,
    trace_id,
    outcome_id,
    cast(sum(imputed_cost_usd) as {{ money() }}) as human_work_cost_usd
from placed
where trace_id is not null
group by trace_date, trace_id, outcome_id
