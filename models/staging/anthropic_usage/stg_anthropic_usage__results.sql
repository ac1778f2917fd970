with source as (

    select * from {{ source('raw', 'anthropic_usage') }}

),

current_delivery as (

    {{ counted_once(ref('stg_anthropic_usage__superseded')) }}

),

reported as (

    select
        *,
        'anthropic_usage' as api_flavour,
        uncached_input_tokens as reported_input_tokens,
        output_tokens as reported_output_tokens,
        cache_read_input_tokens as reported_cache_read_tokens,
        ephemeral_5m_input_tokens as reported_cache_write_5m_tokens,
        ephemeral_1h_input_tokens as reported_cache_write_1h_tokens,
        {{ untold_parts(
            'cache_write', 'reasoning', 'audio_input', 'audio_output', 'image_input', 'image_output', 'cached_audio_input',
            'cached_image_input', 'tool_input',
        ) }}
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
    'anthropic_usage' as source,
    _file_hash as file_hash,
    _row as file_row,
    bucket_start,
    bucket_end,
    'anthropic' as provider,
    cast(null as varchar) as account,
    workspace_id as project,
    api_key_id as api_key,
    cast(null as varchar) as user_id,
    model,
    {{ tier_of('service_tier', 'speed') }} as service_tier,
    -- A request of the larger context window has more than 200,000 tokens of input, and its price.
    cast(case context_window when '0-200k' then 0 when '200k-1M' then 200001 end as bigint) as context_tokens,
    {% for class in token_classes() -%}
        disjoint_{{ class }}_tokens as {{ class }}_tokens,
    {% endfor -%}
    cast(null as bigint) as requests,
    web_search_requests as web_searches,
    cast(null as decimal(18, 6)) as seconds,
    cast(null as bigint) as images,
    cast(null as bigint) as characters,
    {{ untold_sums(*report_meters()) }},
    cast(null as bigint) as reported_tokens,
    inference_geo,
    {{ attributed_targets('anthropic_usage', allocation_targets()) }}
from disjoint
