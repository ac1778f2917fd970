with source as (

    select * from {{ source('raw', 'llm_calls') }}

),

counted_once as (

    select source.*
    from source
    left join {{ ref('stg_llm_calls__duplicates') }} as repeated
        on
            source.day = repeated.call_date
            and source._file_hash = repeated.file_hash
            and source._row = repeated.file_row
    where repeated.file_row is null

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
        lower(nullif(provider, '')) as provider,
        nullif(model, '') as model,
        account,
        api_key,
        cast(null as varchar) as api_key_alias,
        nullif(trace_id, '') as trace_id,
        nullif(parent_id, '') as parent_id,
        nullif(retry_of, '') as retry_of,
        coalesce(lower(status), 'unknown') as status,
        coalesce(lower(service_tier), 'standard') as service_tier,
        user_id,
        prompt_version,
        {% for target in allocation_targets() -%}
            {{ attributed('llm_calls', target, tags='tags') }} as {{ target_column(target) }},
        {% endfor -%}
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
