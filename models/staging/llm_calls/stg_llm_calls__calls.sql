with source as (

    select * from {{ source('raw', 'llm_calls') }}

),

counted_once as (

    {{ counted_once(ref('stg_llm_calls__duplicates')) }}

),

renamed as (

    select
        call_id,
        day as call_date,
        'llm_calls' as source,
        _file_hash as file_hash,
        _row as file_row,
        called_at,
        ended_at,
        {{ provider_of('provider') }} as provider,
        nullif(model, '') as model,
        account,
        api_key,
        cast(null as varchar) as api_key_alias,
        nullif(trace_id, '') as trace_id,
        nullif(parent_id, '') as parent_id,
        nullif(retry_of, '') as retry_of,
        {{ known_id('response_id') }} as response_id,
        {{ known_id('request_id') }} as request_id,
        sample_rate,
        coalesce(lower(status), 'unknown') as status,
        coalesce(lower(service_tier), 'standard') as service_tier,
        {{ attributed_targets('llm_calls', call_targets(), tags='tags') }},
        false as is_gateway_cache_hit,
        {% for class in token_classes() -%}
            {{ class }}_tokens,
        {% endfor -%}
        {{ tokens_sum(token_classes()) }} as reported_tokens,
        cast(1 as bigint) as requests,
        web_searches,
        seconds,
        images,
        characters,
        cast(null as {{ money() }}) as reported_cost_usd
    from counted_once

)

select * from renamed
