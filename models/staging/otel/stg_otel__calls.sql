with leaves as (

    select spans.*
    from {{ ref('stg_otel__spans') }} as spans
    left join {{ ref('stg_otel__wrappers') }} as wrappers
        on spans.day = wrappers.span_date and spans.trace_id = wrappers.trace_id and spans.span_id = wrappers.span_id
    where wrappers.span_id is null and spans.has_usage

),

reported as (

    select
        *,
        case
            when gen_ai_input_tokens is not null then 'otel_gen_ai'
            when openinference_input_tokens is not null then 'openinference'
            when vercel_input_tokens is not null then 'vercel_ai'
            else 'otel_gen_ai'
        end as api_flavour,
        coalesce(gen_ai_input_tokens, openinference_input_tokens, vercel_input_tokens) as reported_input_tokens,
        output_tokens as reported_output_tokens,
        cast(null as bigint) as reported_cache_write_5m_tokens,
        cast(null as bigint) as reported_cache_write_1h_tokens,
        {% for part in ['cache_read', 'cache_write', 'reasoning', 'audio_input', 'audio_output'] -%}
            {{ part }}_tokens as reported_{{ part }}_tokens,
        {% endfor -%}
        cast(null as bigint) as reported_image_input_tokens,
        cast(null as bigint) as reported_image_output_tokens
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
    trace_id || '-' || span_id as call_id,
    day as call_date,
    source,
    file_hash,
    file_row,
    started_at as called_at,
    ended_at,
    {{ provider_of('provider') }} as provider,
    nullif(model, '') as model,
    {{ untold('account', 'api_key', 'api_key_alias', 'retry_of') }},
    nullif(trace_id, '') as trace_id,
    nullif(parent_span_id, '') as parent_id,
    {{ known_id('response_id') }} as response_id,
    {{ known_id('request_id') }} as request_id,
    sample_rate,
    case
        when status_code in ('2', 'STATUS_CODE_ERROR') or error_type is not null then 'failure'
        when status_code in ('1', 'STATUS_CODE_OK') or output_tokens > 0 then 'success'
        else 'unknown'
    end as status,
    coalesce(lower(nullif(service_tier, '')), 'standard') as service_tier,
    {{ attributed_targets('otel', call_targets()) }},
    false as is_gateway_cache_hit,
    {% for class in token_classes() -%}
        disjoint_{{ class }}_tokens as {{ class }}_tokens,
    {% endfor -%}
    total_tokens as reported_tokens,
    cast(1 as bigint) as requests,
    {% for meter in ['web_searches', 'images', 'characters'] -%}
        cast(null as bigint) as {{ meter }},
    {% endfor -%}
    cast(null as decimal(18, 6)) as seconds,
    cast(null as {{ money() }}) as reported_cost_usd
from disjoint
