{{ config(materialized='days', day='call_date') }}

with calls as (

    select
        calls.*,
        found.retry_of as found_retry_of
    from {{ ref('int_calls_costed') }} as calls
    left join {{ ref('int_found_retries') }} as found on {{ same_call('calls', 'found') }}
    where {{ in_days('calls.call_date') }}

)

select
    call_id,
    trace_id,
    parent_id,
    coalesce(retry_of, found_retry_of) as retry_of,
    case when retry_of is not null then 'stated' when found_retry_of is not null then 'span_order' end as retry_found_by,
    response_id,
    request_id,
    called_at,
    first_token_at,
    ended_at,
    call_date,
    source,
    seen_by,
    provider,
    model,
    account,
    api_key,
    api_key_alias,
    service_tier,
    status,
    error_type,
    {{ targets() }},
    user_id,
    prompt_version,
    {{ comma_list(attributed_by_columns()) }},
    pricing_status,
    unpriced_reason,
    price_provider,
    price_model,
    file_hash as source_file_hash,
    file_row as source_row,
    is_gateway_cache_hit,
    has_token_mismatch,
    has_conflicting_sightings,
    sighting_count,
    sample_rate,
    {% for meter in all_meters() -%}
        {{ quantity_of(meter) }},
    {% endfor -%}
    reported_tokens,
    reported_cost_usd as gateway_cost_usd,
    list_cost_usd,
    contracted_cost_usd,
    reference_list_cost_usd,
    billed_cost_usd,
    effective_cost_usd
from calls
