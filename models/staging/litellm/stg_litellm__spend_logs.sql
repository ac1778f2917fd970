with source as (

    select * from {{ source('raw', 'litellm') }}

),

counted_once as (

    {{ counted_once(ref('stg_litellm__duplicates')) }}

),

reported as (

    select
        *,
        prompt_tokens as reported_input_tokens,
        completion_tokens as reported_output_tokens,
        {{ untold_parts('cached_audio_input', 'cached_image_input', 'tool_input') }},
        'litellm' as api_flavour
    from counted_once

),

disjoint as (

    select
        reported.*,
        {{ disjoint_tokens('reported', 'semantics') }}
    from reported
    inner join {{ ref('token_semantics') }} as semantics on reported.api_flavour = semantics.api_flavour

),

renamed as (

    select
        request_id as call_id,
        day as call_date,
        'litellm' as source,
        _file_hash as file_hash,
        _row as file_row,
        started_at as called_at,
        ended_at,
        first_token_at,
        {{ provider_of('custom_llm_provider') }} as provider,
        nullif(model, '') as model,
        cast(null as varchar) as account,
        api_key,
        user_api_key_alias as api_key_alias,
        nullif(session_id, '') as trace_id,
        cast(null as varchar) as parent_id,
        spend_logs_metadata['retry_of'] as retry_of,
        {{ known_id('request_id') }} as response_id,
        cast(null as varchar) as request_id,
        cast(null as {{ ratio() }}) as sample_rate,
        cast(null as decimal(18, 6)) as gpu_seconds,
        coalesce(lower(status), 'unknown') as status,
        nullif(error_class, '') as error_type,
        -- Of a batch, the gateway logs what all of its requests used.
        case
            when lower(call_type) like '%batch%' or batch_models like '[_%]' then 'batch' else {{ tier_of('service_tier', 'speed') }}
        end as service_tier,
        {{ attributed_targets('litellm', call_targets(), tags='request_tags', metadata='spend_logs_metadata') }},
        coalesce(lower(cache_hit) in ('true', 't', '1'), false) as is_gateway_cache_hit,
        false as is_model_step,
        {{ is_lookup('call_type') }} as is_lookup,
        {% for class in token_classes() -%}
            disjoint_{{ class }}_tokens as {{ class }}_tokens,
        {% endfor -%}
        total_tokens as reported_tokens,
        cast(1 as bigint) as requests,
        coalesce(web_searches, 0) as web_searches,
        cast(null as decimal(18, 6)) as seconds,
        cast(null as bigint) as images,
        cast(null as bigint) as characters,
        spend as reported_cost_usd,
        mcp_tool is not null or coalesce(call_type like '%mcp_tool%', false) as is_tool_call
    from disjoint

)

select * from renamed
