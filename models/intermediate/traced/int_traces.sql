{{ config(materialized='days', day='trace_date', day_map='int_trace_day_map') }}
-- depends_on: {{ ref('int_trace_day_map') }}

with placed as (

    -- A trace belongs to the day on which it starts, with what follows on the next days.
    select
        coalesce(spans.trace_date, parts.call_date) as trace_date,
        coalesce(spans.is_fragment, false) as is_fragment,
        parts.*
    from {{ ref('int_trace_days') }} as parts
    left join {{ ref('int_trace_overlaps') }} as spans
        on parts.call_date = spans.call_date and parts.trace_id = spans.trace_id
    where {{ in_days('parts.call_date', 0, 7) }}

),

gathered as (

    select
        trace_date,
        trace_id,
        bool_or(is_fragment) as is_fragment,
        min(first_called_at) as started_at,
        max(last_ended_at) as ended_at,
        {{ last_value_by('last_status', 'first_called_at') }} as status,
        {% for column in target_columns() -%}
            coalesce(min({{ column }}), '(unallocated)') as {{ column }},
        {% endfor -%}
        {{ rejoined_distinct('models') }} as models,
        -- To the largest: the last call may be another, smaller agent's.
        cast(
            max(most_input_tokens)
            - {{ first_known('first_input_tokens', 'first_called_at') }} as bigint
        ) as context_growth_tokens,
        cast(max(span_depth) as bigint) as span_depth,
        case when bool_or(has_agent) filter (where calls > 0) then 'spans' else 'call_order' end as loops_found_by,
        case when count(tool_calls) > 0 then cast(sum(tool_calls) as bigint) end as tool_calls,
        {% for column in ['calls', 'failed_calls', 'retries', 'unpriced_calls', 'loops'] -%}
            cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor -%}
        {% for class in token_classes() -%}
            cast(sum({{ class }}_tokens) as bigint) as {{ class }}_tokens,
        {% endfor -%}
        cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
        cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
    from placed
    where {{ in_days('trace_date') }}
    group by trace_date, trace_id
    having count(calls) > 0

)

select * from gathered
