{{ config(materialized='days', day='call_date') }}

select
    call_id,
    trace_id,
    parent_id,
    retry_of,
    response_id,
    request_id,
    called_at,
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
    -- Known only once a bill's line has been matched to the call.
    cast(null as {{ money() }}) as billed_cost_usd,
    cast(null as {{ money() }}) as effective_cost_usd
from {{ ref('int_calls_priced') }}
where {{ in_days('call_date') }}
