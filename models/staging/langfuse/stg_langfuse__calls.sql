with leaves as (

    select
        spans.*,
        {{ provider_of('spans.provider') }} as provider_name
    from {{ ref('stg_langfuse__observations') }} as spans
    left join {{ ref('stg_langfuse__wrappers') }} as wrappers
        on spans.day = wrappers.span_date and spans.trace_id = wrappers.trace_id and spans.observation_id = wrappers.span_id
    where wrappers.span_id is null and {{ is_langfuse_call('spans.type') }}

),

reported as (

    select
        *,
        -- Totals in columns of their own are Langfuse's too.
        coalesce({{ api_flavour_of_langfuse_or('usage_form', 'provider_name') }}, 'langfuse') as api_flavour,
        coalesce(upper(unit), 'TOKENS') as counted,
        coalesce(
            reported_total_tokens, reported_input_tokens + reported_output_tokens, reported_input_tokens, reported_output_tokens
        ) as quantity
    from leaves

),

disjoint as (

    select
        reported.*,
        {{ disjoint_tokens('reported', 'semantics') }}
    from reported
    inner join {{ ref('token_semantics') }} as semantics on reported.api_flavour = semantics.api_flavour

)

select
    observation_id as call_id,
    day as call_date,
    source,
    file_hash,
    file_row,
    started_at as called_at,
    ended_at,
    first_token_at,
    provider_name as provider,
    nullif(model, '') as model,
    {{ untold('account', 'api_key', 'api_key_alias', 'retry_of', 'error_type') }},
    nullif(trace_id, '') as trace_id,
    nullif(parent_id, '') as parent_id,
    -- LiteLLM's callback names an observation by its time and the response: time-10-00-00-123456_chatcmpl-…
    coalesce(
        {{ known_id('response_id') }}, {{ matched_group('observation_id', '^time-[0-9-]+_(.+)$', 1) }}
    ) as response_id,
    cast(null as varchar) as request_id,
    cast(null as {{ ratio() }}) as sample_rate,
    cast(null as decimal(18, 6)) as gpu_seconds,
    case when upper(level) = 'ERROR' then 'failure' when reported_output_tokens > 0 then 'success' else 'unknown' end as status,
    'standard' as service_tier,
    {{ attributed_targets('langfuse', call_targets(), tags='tags') }},
    false as is_gateway_cache_hit,
    not is_failed_request as is_model_step,
    {{ is_lookup('coalesce(operation, type)') }} as is_lookup,
    -- Not all that Langfuse counts is tokens: an observation may say that it counts something else.
    {% for class in token_classes() -%}
        case when counted = 'TOKENS' then disjoint_{{ class }}_tokens end as {{ class }}_tokens,
    {% endfor -%}
    case when counted = 'TOKENS' then reported_total_tokens end as reported_tokens,
    cast(case when counted = 'REQUESTS' then quantity else 1 end as bigint) as requests,
    cast(null as bigint) as web_searches,
    case when counted = 'IMAGES' then quantity end as images,
    case when counted = 'CHARACTERS' then quantity end as characters,
    cast(case when counted = 'SECONDS' then quantity when counted = 'MILLISECONDS' then quantity * 0.001 end as decimal(18, 6)) as seconds,
    total_cost as reported_cost_usd
from disjoint
