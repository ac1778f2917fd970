with source as (

    select * from {{ source('raw', 'litellm') }}

),

counted_once as (

    select source.*
    from source
    left join {{ ref('stg_litellm__duplicates') }} as repeated
        on
            source.day = repeated.call_date
            and source._file_hash = repeated.file_hash
            and source._row = repeated.file_row
    where repeated.file_row is null

),

inside as (

    -- LiteLLM counts cached, written, audio and image tokens inside prompt_tokens, reasoning and audio inside completion_tokens.
    select
        *,
        coalesce(cache_creation_5m_tokens, greatest(coalesce(cache_creation_tokens, 0) - coalesce(cache_creation_1h_tokens, 0), 0))
            as written_5m_tokens,
        coalesce(cache_creation_1h_tokens, 0) as written_1h_tokens
    from counted_once

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
        lower(nullif(custom_llm_provider, '')) as provider,
        nullif(model, '') as model,
        cast(null as varchar) as account,
        api_key,
        user_api_key_alias as api_key_alias,
        nullif(session_id, '') as trace_id,
        cast(null as varchar) as parent_id,
        spend_logs_metadata['retry_of'] as retry_of,
        coalesce(lower(status), 'unknown') as status,
        coalesce(lower(service_tier), 'standard') as service_tier,
        user_id,
        spend_logs_metadata['prompt_version'] as prompt_version,
        {% for target in allocation_targets() -%}
            {{ attributed('litellm', target, tags='request_tags', metadata='spend_logs_metadata') }} as {{ target_column(target) }},
        {% endfor -%}
        lower(cache_hit) = 'true' as is_gateway_cache_hit,
        {{ inner_tokens(
            'prompt_tokens', ['cache_read', 'written_5m', 'written_1h', 'audio_input', 'image_input']
        ) }} as input_uncached_tokens,
        coalesce(cache_read_tokens, 0) as cache_read_tokens,
        written_5m_tokens as cache_write_5m_tokens,
        written_1h_tokens as cache_write_1h_tokens,
        {{ inner_tokens('completion_tokens', ['reasoning', 'audio_output', 'image_output']) }} as output_tokens,
        coalesce(reasoning_tokens, 0) as reasoning_tokens,
        coalesce(audio_input_tokens, 0) as audio_input_tokens,
        coalesce(audio_output_tokens, 0) as audio_output_tokens,
        coalesce(image_input_tokens, 0) as image_input_tokens,
        coalesce(image_output_tokens, 0) as image_output_tokens,
        total_tokens as reported_tokens,
        cast(1 as bigint) as requests,
        coalesce(web_searches, 0) as web_searches,
        cast(null as decimal(18, 6)) as seconds,
        cast(null as bigint) as images,
        cast(null as bigint) as characters,
        spend as reported_cost_usd
    from inside

)

select * from renamed
