{{ config(materialized='table') }}

-- Narrow on purpose: this is the one step of outcomes that sees all of them, whenever their traces ran.
with links as (

    select
        outcome_id,
        trace_id,
        trace_date,
        workflow,
        'trace_id' as link_method,
        cast(1 as {{ ratio() }}) as link_confidence
    from {{ ref('int_named_attempts') }}
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
    outcomes.workflow as stated_workflow,
    outcomes.feature as stated_feature,
    outcomes.customer_id as stated_customer_id,
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
inner join {{ ref('int_outcomes') }} as outcomes on links.outcome_id = outcomes.outcome_id
left join {{ ref('int_outcome_values') }} as outcome_values on links.outcome_id = outcome_values.outcome_id
