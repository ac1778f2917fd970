{{ config(materialized='days', day='trace_date', day_map='int_trace_day_map') }}
-- depends_on: {{ ref('int_trace_day_map') }}

-- What the calls of a run to each model bear, by version of the prompt. Human work is of the run, and of no model.
with parts as (

    select
        call_date,
        trace_id,
        model,
        prompt_version,
        list_cost_usd,
        contracted_cost_usd,
        {{ unknown_amounts('billed_cost_usd', 'effective_cost_usd', 'fully_loaded_cost_usd') }}
    from {{ ref('int_trace_usage') }}
    where trace_id <> '' and {{ in_days('call_date', 0, 7) }}
    union all
    select
        call_date,
        trace_id,
        model,
        prompt_version,
        {{ unknown_amounts('list_cost_usd', 'contracted_cost_usd') }},
        billed_cost_usd,
        effective_cost_usd,
        {{ borne_by_calls() }} as fully_loaded_cost_usd
    from {{ ref('int_trace_costs') }}
    where trace_id <> '' and {{ in_days('call_date', 0, 7) }}

),

placed as (

    select
        coalesce(spans.trace_date, parts.call_date) as trace_date,
        parts.*
    from parts
    left join {{ ref('int_trace_overlaps') }} as spans on parts.call_date = spans.call_date and parts.trace_id = spans.trace_id

)

select
    trace_date,
    trace_id,
    model,
    prompt_version,
    {% for cost in run_costs() -%}
        cast(sum({{ cost }}) as {{ money() }}) as {{ cost }}{% if not loop.last %},{% endif %}
    {% endfor %}
from placed
where {{ in_days('trace_date') }}
group by trace_date, trace_id, model, prompt_version
