{{ config(materialized='days', day='call_date') }}

-- A trace's part of one day: what its calls of that day add up to, and what spans tell of it. A turn of an agent is a loop, and so is a
-- call that no step of the run is, as one that failed, with all that repeats it, unless one of these is a step, or it looks something up;
-- where no span tells of an agent, each call that repeats no other is.
{%- set sums = [
    'first_called_at', 'last_ended_at', 'calls', 'failed_calls', 'retries', 'calls_beside_spans', 'unpriced_calls', 'models',
    'first_input_tokens', 'most_input_tokens', 'last_status',
] + target_columns() %}
{%- for class in token_classes() -%}{%- do sums.append(class ~ '_tokens') -%}{%- endfor %}
{%- do sums.extend(['list_cost_usd', 'contracted_cost_usd']) %}
with recursive priced as (

    select
        calls.*,
        coalesce(calls.retry_of, found.retry_of) as repeats
    from {{ ref('int_calls_priced') }} as calls
    left join {{ ref('int_found_retries') }} as found on {{ same_call('calls', 'found') }}
    where calls.trace_id is not null and {{ in_days('calls.call_date') }}

),

stepped as (

    -- What a step of the run repeats, and what that repeats.
    select
        call_date,
        trace_id,
        repeats as call_id
    from priced
    where is_model_step and repeats is not null
    union
    select
        priced.call_date,
        priced.trace_id,
        priced.repeats as call_id
    from stepped
    inner join priced
        on stepped.call_date = priced.call_date and stepped.trace_id = priced.trace_id and stepped.call_id = priced.call_id
    where priced.repeats is not null

),

calls as (

    select
        priced.*,
        not priced.is_model_step and not priced.is_lookup and priced.repeats is null and stepped.call_id is null as is_beside_spans,
        -- What a call that failed was sent is not known, or not all of it.
        case
            when priced.status <> 'failure'
                then {{ tokens_sum(['input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input']) }}
        end as input_tokens
    from priced
    left join stepped
        on priced.call_date = stepped.call_date and priced.trace_id = stepped.trace_id and priced.call_id = stepped.call_id

),

summed as (

    select
        call_date,
        trace_id,
        min(called_at) as first_called_at,
        max(coalesce(ended_at, called_at)) as last_ended_at,
        cast(count(*) as bigint) as calls,
        cast(count(*) filter (where status = 'failure') as bigint) as failed_calls,
        cast(count(repeats) as bigint) as retries,
        cast(count(*) filter (where is_beside_spans) as bigint) as calls_beside_spans,
        cast(count(*) filter (where pricing_status = 'unpriced') as bigint) as unpriced_calls,
        {{ joined_distinct('model') }} as models,
        {{ first_known('input_tokens', '(called_at, source, call_id)') }} as first_input_tokens,
        max(input_tokens) as most_input_tokens,
        {{ last_value_by('status', 'called_at') }} as last_status,
        {% for column in target_columns() -%}
            min({{ column }}) as {{ column }},
        {% endfor -%}
        {% for class in token_classes() -%}
            cast(sum({{ class }}_tokens) as bigint) as {{ class }}_tokens,
        {% endfor -%}
        cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
        cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
    from calls
    group by call_date, trace_id

),

shapes as (

    select * from {{ ref('int_trace_shapes') }}
    where {{ in_days('span_date') }}

)

-- Tools may be called on a day without calls, as past midnight. A turn without its call is one that counts on another day.
select
    coalesce(summed.call_date, shapes.span_date) as call_date,
    coalesce(summed.trace_id, shapes.trace_id) as trace_id,
    {{ comma_list(sums, 'summed') }},
    {{ comma_list(['span_depth', 'has_agent', 'agent_turns', 'tool_calls'], 'shapes') }},
    case
        when shapes.has_agent then shapes.agent_turns + summed.calls_beside_spans
        else summed.calls - summed.retries
    end as loops
from summed
full outer join shapes on summed.call_date = shapes.span_date and summed.trace_id = shapes.trace_id
where summed.calls > 0 or shapes.tool_calls > 0
