{{ config(materialized='table') }}

-- Narrow on purpose: this is the one step of outcomes that sees all of them, whenever their traces ran.
with named as (

    select
        outcome_id,
        trace_id
    from {{ ref('stg_outcomes__attempts') }}
    union
    select
        attempts.outcome_id,
        aliases.trace_id
    from {{ ref('stg_outcomes__attempts') }} as attempts
    inner join {{ ref('int_trace_names') }} as aliases on attempts.trace_id = aliases.named_trace_id

),

links as (

    select
        named.outcome_id,
        traces.trace_id,
        traces.trace_date,
        traces.workflow,
        'trace_id' as link_method,
        cast(1 as {{ ratio() }}) as link_confidence
    from named
    inner join {{ ref('int_traces') }} as traces on named.trace_id = traces.trace_id
    union all
    select
        outcome_id,
        trace_id,
        trace_date,
        workflow,
        'customer_workflow_window' as link_method,
        link_confidence
    from {{ ref('int_inferred_attempts') }}

)

select
    links.outcome_id,
    outcomes.outcome_type,
    outcomes.status as outcome_status,
    outcomes.occurred_at,
    outcome_values.value_usd,
    links.trace_id,
    links.trace_date,
    links.workflow,
    links.link_method,
    links.link_confidence,
    min(links.trace_date) over (partition by links.outcome_id) as run_date,
    -- A trace that several outcomes name is shared evenly among them: among all, and for a metric of one type among those of it.
    {% for share, whole in [
        ('all', 'links.trace_id, links.trace_date'), ('type', 'links.trace_id, links.trace_date, outcomes.outcome_type'),
    ] -%}
        count(*) over (partition by {{ whole }}) as {{ share }}_sharers,
        row_number() over (partition by {{ whole }} order by links.outcome_id)
            as {{ share }}_rank{% if not loop.last %},{% endif %}
    {% endfor %}
from links
inner join {{ ref('stg_outcomes__outcomes') }} as outcomes on links.outcome_id = outcomes.outcome_id
left join {{ ref('int_outcome_values') }} as outcome_values on links.outcome_id = outcome_values.outcome_id
