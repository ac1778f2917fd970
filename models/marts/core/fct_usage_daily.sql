{{ config(materialized='days', day='usage_date') }}

with usage as (

    select
        {{ usage_dimensions() }},
        grain_source,
        call_date as usage_date,
        {% for column in attributed_by_columns(allocation_targets()) -%}
            nullif({{ joined_distinct(column) }}, '') as {{ column }},
        {% endfor -%}
        {% for column in report_meters() + usage_sums() -%}
            cast(sum({{ column }}) as {{ sum_type(column) }}) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_usage_daily') }}
    where {{ in_days('call_date') }}
    group by all

)

select
    md5(
        usage_date || '|' || grain_source || '|' || source || '|' || coalesce(provider, '') || '|' || coalesce(account, '')
        || '|' || coalesce(api_key, '')
        || '|' || coalesce(api_key_alias, '') || '|' || coalesce(model, '') || '|' || service_tier || '|' || status || '|' || pricing_status
        || '|' || coalesce(unpriced_reason, '') || '|' || {{ target_key() }}
    ) as usage_key,
    usage_date,
    source,
    grain_source,
    provider,
    account,
    api_key,
    api_key_alias,
    model,
    service_tier,
    status,
    {{ targets() }},
    {{ comma_list(attributed_by_columns(allocation_targets())) }},
    pricing_status,
    unpriced_reason,
    calls as call_count,
    estimated_calls as estimated_call_count,
    traced_calls as traced_call_count,
    mismatched_calls as token_mismatch_count,
    {% for meter in all_meters() -%}
        {{ quantity_of(meter) }},
    {% endfor -%}
    {{ comma_list(report_meters()) }},
    all_tokens,
    estimated_all_tokens,
    reported_cost_usd as gateway_cost_usd,
    list_cost_usd,
    contracted_cost_usd,
    reference_list_cost_usd,
    traced_contracted_cost_usd,
    estimated_list_cost_usd,
    estimated_contracted_cost_usd
from usage
