with leaves as (

    select
        spans.*,
        {{ provider_of('spans.provider') }} as provider_name
    from {{ ref('stg_otel__spans') }} as spans
    left join {{ ref('stg_otel__wrappers') }} as wrappers
        on spans.day = wrappers.span_date and spans.trace_id = wrappers.trace_id and spans.span_id = wrappers.span_id
    where wrappers.span_id is null and (spans.has_usage or spans.is_failed_request)

),

reported as (

    select
        *,
        -- A span that tells no input is counted as the convention says.
        coalesce({{ api_flavour_of_langfuse_or('usage_form', 'provider_name') }}, 'otel_gen_ai') as api_flavour
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
    cast(null as timestamp) as first_token_at,
    provider_name as provider,
    nullif(model, '') as model,
    {{ untold('account', 'api_key', 'api_key_alias', 'retry_of') }},
    nullif(trace_id, '') as trace_id,
    nullif(parent_span_id, '') as parent_id,
    {{ known_id('response_id') }} as response_id,
    {{ known_id('request_id') }} as request_id,
    sample_rate,
    cast(null as decimal(18, 6)) as gpu_seconds,
    case
        when status_code in ('2', 'STATUS_CODE_ERROR') or error_type is not null then 'failure'
        when status_code in ('1', 'STATUS_CODE_OK') or reported_output_tokens > 0 then 'success'
        else 'unknown'
    end as status,
    nullif(error_type, '') as error_type,
    coalesce(lower(nullif(service_tier, '')), 'standard') as service_tier,
    {{ attributed_targets('otel', call_targets()) }},
    false as is_gateway_cache_hit,
    not is_failed_request as is_model_step,
    {{ is_lookup('operation') }} as is_lookup,
    {% for class in token_classes() -%}
        disjoint_{{ class }}_tokens as {{ class }}_tokens,
    {% endfor -%}
    reported_total_tokens as reported_tokens,
    cast(1 as bigint) as requests,
    {% for meter in ['web_searches', 'images', 'characters'] -%}
        cast(null as bigint) as {{ meter }},
    {% endfor -%}
    cast(null as decimal(18, 6)) as seconds,
    cast(null as {{ money() }}) as reported_cost_usd
from disjoint
