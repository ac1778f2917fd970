with source as (

    select * from {{ source('raw', 'openai_usage') }}

),

current_delivery as (

    {{ counted_once(ref('stg_openai_usage__superseded')) }}

),

reported as (

    select
        *,
        'openai_usage' as api_flavour,
        input_tokens as reported_input_tokens,
        output_tokens as reported_output_tokens,
        input_cached_tokens as reported_cache_read_tokens,
        input_cache_write_tokens as reported_cache_write_tokens,
        input_audio_tokens as reported_audio_input_tokens,
        output_audio_tokens as reported_audio_output_tokens,
        input_image_tokens as reported_image_input_tokens,
        output_image_tokens as reported_image_output_tokens,
        input_cached_audio_tokens as reported_cached_audio_input_tokens,
        input_cached_image_tokens as reported_cached_image_input_tokens,
        {{ untold_parts('cache_write_5m', 'cache_write_1h', 'reasoning', 'tool_input') }}
    from current_delivery

),

disjoint as (

    select
        reported.*,
        {{ disjoint_tokens('reported', 'semantics') }}
    from reported
    inner join {{ ref('token_semantics') }} as semantics on reported.api_flavour = semantics.api_flavour

)

select
    day as usage_date,
    'openai_usage' as source,
    _file_hash as file_hash,
    _row as file_row,
    report,
    bucket_start,
    bucket_end,
    'openai' as provider,
    cast(null as varchar) as account,
    project_id as project,
    api_key_id as api_key,
    user_id,
    model,
    case when lower(batch) = 'true' then 'batch' else coalesce(lower(nullif(service_tier, '')), 'standard') end as service_tier,
    cast(null as bigint) as context_tokens,
    {% for class in token_classes() -%}
        disjoint_{{ class }}_tokens as {{ class }}_tokens,
    {% endfor -%}
    -- The requests of a search are those of the completions that asked for it, and stand in their own report.
    case when report not like '%search%' then coalesce(num_model_requests, num_requests) end as requests,
    case when report like '%web_search%' then num_requests end as web_searches,
    seconds,
    images,
    characters,
    case when report like '%file_search%' then num_requests end as file_searches,
    num_sessions as code_sessions,
    -- What lies there in a bucket of an hour lies there for a twenty-fourth of the day.
    cast(
        round(cast(usage_bytes as double) * coalesce({{ seconds_between('bucket_start', 'bucket_end') }}, 86400) / 86400, 0) as bigint
    ) as stored_byte_days,
    input_tokens + coalesce(output_tokens, 0) as reported_tokens,
    {{ attributed_targets('openai_usage', allocation_targets()) }}
from disjoint
