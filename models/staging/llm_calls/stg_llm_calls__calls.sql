with source as (

    select * from {{ source('raw', 'llm_calls') }}

),

counted_once as (

    {{ counted_once(ref('stg_llm_calls__duplicates')) }}

),

named as (

    select
        *,
        {{ provider_of('provider') }} as provider_name,
        {{ tokens_sum(token_classes()) }} as given_tokens,
        {{ tokens_sum(input_token_classes()) }} as given_input_tokens,
        {{ tokens_sum(output_token_classes()) }} as given_output_tokens
    from counted_once

),

reported as (

    select
        *,
        -- Without a body, there is nothing that a flavour could tell of.
        case
            when usage_form is not null then coalesce(api_flavour, {{ api_flavour_of('usage_form', 'provider_name') }})
        end as body_flavour
    from named

),

disjoint as (

    select
        reported.*,
        {{ disjoint_tokens('reported', 'semantics') }}
    from reported
    left join {{ ref('token_semantics') }} as semantics on reported.body_flavour = semantics.api_flavour

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
        cast(null as timestamp) as first_token_at,
        provider_name as provider,
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
        gpu_seconds,
        coalesce(lower(status), 'unknown') as status,
        nullif(error_type, '') as error_type,
        {{ tier_of('service_tier', 'speed') }} as service_tier,
        {{ attributed_targets('llm_calls', call_targets(), tags='tags') }},
        false as is_gateway_cache_hit,
        false as is_model_step,
        false as is_lookup,
        -- Where a class of the input or the output is given, it is all that counts of that side; else the body does.
        {% for side, classes in [('input', input_token_classes()), ('output', output_token_classes())] -%}
            {% for class in classes -%}
                case
                    when given_{{ side }}_tokens is not null then {{ class }}_tokens
                    when body_flavour is not null then disjoint_{{ class }}_tokens
                end as {{ class }}_tokens,
            {% endfor -%}
        {% endfor -%}
        -- What is given adds up to itself, unless the body tells the other side.
        coalesce(
            reported_total_tokens,
            case when body_flavour is null then given_tokens else given_input_tokens + given_output_tokens end
        ) as reported_tokens,
        cast(1 as bigint) as requests,
        web_searches,
        seconds,
        images,
        characters,
        cast(null as {{ money() }}) as reported_cost_usd
    from disjoint

)

select * from renamed
