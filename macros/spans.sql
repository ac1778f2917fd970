{# What a span of a trace is by what it says: agent, step or tool; null where it says neither. A tool may be named without more. #}
{% macro span_kind(operation, tool) -%}
  case
    when lower({{ operation }}) in ('invoke_agent', 'create_agent', 'agent') then 'agent'
    when lower({{ operation }}) in ('chain', 'step', 'task') then 'step'
    when lower({{ operation }}) in ('execute_tool', 'tool', 'ai.toolcall') then 'tool'
    when {{ operation }} is null and {{ tool }} is not null then 'tool'
  end
{%- endmacro %}

{# A call to a model that looks something up for others, as an embedding of a question does: it decides nothing, and is no turn of an agent. #}
{% macro is_lookup(operation) -%}
  coalesce(
    lower({{ operation }}) in (
      'embeddings', 'embedding', 'aembedding', 'rerank', 'arerank', 'reranker', 'ai.embed.doembed', 'ai.embedmany.doembed'
    ), false
  )
{%- endmacro %}

{# Of the kinds that Langfuse has for observations, those of a call to a model. #}
{% macro is_langfuse_call(type) %}upper({{ type }}) in ('GENERATION', 'EMBEDDING'){% endmacro %}

{# A span tells how much it used, be it nothing; and that it used something. What is counted in other units stands there, too. #}
{% macro has_usage() %}coalesce(reported_input_tokens, reported_output_tokens, reported_total_tokens) is not null{% endmacro %}
{% macro has_used() -%}
  coalesce(
    {%- for part in ['input', 'output', 'total', 'cache_read', 'cache_write', 'cache_write_5m', 'cache_write_1h'] -%}
      nullif(reported_{{ part }}_tokens, 0){{ ', ' if not loop.last }}
    {%- endfor -%}
  ) is not null
{%- endmacro %}

{# A request to a model that failed and tells no usage, or none but zeros, in the columns of an OTLP span: a call all the same. #}
{% macro is_failed_request() -%}
  coalesce(
    model <> '' and (status_code in ('2', 'STATUS_CODE_ERROR') or error_type is not null)
    and not ({{ has_used() }})
    and {{ span_kind('operation', 'tool') }} is null and coalesce(lower(operation), '') not in ('retrieval', 'retriever'), false
  )
{%- endmacro %}

{#
  How deep each leaf call lies, whether beneath an agent or a step, and in which step: climbs from each call to the spans above it, at most
  64, over the spans of its own day and the one before. Spans that are each other's parents end the climb there. A step without a span
  above it is the whole run. `spans`: a relation with span_date, trace_id, span_id, parent_id, kind. Ends in the relation `placed`.
#}
{% macro climbed(spans) -%}
climb as (

    select
        span_date,
        trace_id,
        span_id as call_span_id,
        parent_id as span_id,
        1 as depth
    from {{ spans }}
    where kind = 'model'
    union
    select
        climb.span_date,
        climb.trace_id,
        climb.call_span_id,
        above.parent_id as span_id,
        climb.depth + 1 as depth
    from climb
    inner join {{ spans }} as above
        on
            climb.trace_id = above.trace_id
            and climb.span_id = above.span_id
            and above.span_date between climb.span_date - 1 and climb.span_date
    where climb.depth < 64

),

placed as (

    select
        climb.span_date,
        climb.trace_id,
        climb.call_span_id,
        max(climb.depth) as depth,
        bool_or(coalesce(above.kind in ('agent', 'step') and (above.kind = 'agent' or above.parent_id is not null), false)) as is_in_agent,
        {{ first_known("case when above.kind = 'step' and above.parent_id is not null then above.span_id end", 'climb.depth') }} as step_id
    from climb
    left join {{ spans }} as above
        on
            climb.trace_id = above.trace_id
            and climb.span_id = above.span_id
            and above.span_date between climb.span_date - 1 and climb.span_date
    group by climb.span_date, climb.trace_id, climb.call_span_id

)
{%- endmacro %}

{# The model that a request asks for, without what a gateway writes before it, and without the date of the version that answers. Bedrock
   writes a region and the publisher before it, too, and a version of its own behind it: us.anthropic.claude-haiku-4-5-20251001-v1:0. #}
{% macro asked_model(model) -%}
  {{ matched_group(
    'lower(' ~ model ~ ')',
    '^(?:.*/)?(?:(?:[a-z-]+[.])?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)[.])?'
    ~ '([^/]+?)(?:[-@]20[0-9][0-9-]*)?(?:-v[0-9]+:[0-9]+)?$', 1
  ) }}
{%- endmacro %}

{# What another source calls the trace in which its calls count: a call that a gateway saw, too, may count in the gateway's. What it is
   called on a day holds past midnight, too: a tool may be called then, and no model. For use after `join`, with day_before=1. #}
{% macro trace_aliases() -%}
  (
    select
        names.call_date + later.days as call_date,
        names.named_trace_id,
        {{ first_known('names.trace_id', '(later.days, names.trace_id)') }} as trace_id
    from {{ ref('int_trace_names') }} as names
    cross join (select 0 as days union all select 1 as days) as later
    where {{ in_days('names.call_date', 1, 0) }}
    group by names.call_date + later.days, names.named_trace_id
  )
{%- endmacro %}

{# A tracing tool saw the call. #}
{% macro is_in_spans() %}(seen_by like '%otel%' or seen_by like '%langfuse%'){% endmacro %}
