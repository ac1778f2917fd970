{{ config(materialized='days', day='call_date') }}

with calls as (

    select
        {{ usage_dimensions(from_calls=true, alias='calls') }},
        calls.price_key,
        provisioned.commitment_id,
        calls.all_tokens,
        calls.has_token_mismatch,
        calls.trace_id is not null as has_trace,
        calls.is_refused,
        case when calls.sample_rate > 0 then calls.sample_rate end as sample_rate,
        {% for meter in all_meters() -%}
            calls.{{ quantity_of(meter) }},
        {% endfor -%}
        calls.list_cost_usd,
        calls.contracted_cost_usd,
        calls.reported_cost_usd,
        calls.reference_list_cost_usd,
        calls.gpu_seconds
    from {{ ref('int_calls_priced') }} as calls
    left join {{ ref('int_provisioned_calls') }} as provisioned on {{ same_call('calls', 'provisioned') }}
    where {{ in_days('calls.call_date') }}

),

by_price as (

    -- By price first: tokens summed at one price cost what the calls cost one by one, to the last decimal.
    select
        {{ usage_dimensions() }},
        price_key,
        commitment_id,
        sample_rate,
        count(*) as calls,
        count(*) filter (where has_token_mismatch) as mismatched_calls,
        count(*) filter (where has_trace) as traced_calls,
        count(*) filter (where is_refused) as refused_calls,
        sum(contracted_cost_usd) filter (where has_trace) as traced_contracted_cost_usd,
        {% for meter in all_meters() -%}
            sum({{ quantity_of(meter) }}) as {{ quantity_of(meter) }},
        {% endfor -%}
        sum(all_tokens) as all_tokens,
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd,
        sum(reported_cost_usd) as reported_cost_usd,
        sum(reference_list_cost_usd) as reference_list_cost_usd,
        -- Of all calls, or not known.
        case when count(*) = count(gpu_seconds) then sum(gpu_seconds) end as gpu_seconds
    from calls
    group by all

),

priced as (

    select
        by_price.*,
        {% for meter in all_meters() -%}
            {%- set outer = loop -%}
            {%- for basis in metered_bases() -%}
                case
                    when by_price.pricing_status = 'priced' and by_price.price_key is not null
                        then {{ meter_cost('by_price', 'prices', meter, basis) }}
                end as {{ meter }}_{{ basis }}_cost_usd{% if not (loop.last and outer.last) %},{% endif %}
            {% endfor -%}
        {% endfor %}
    from by_price
    left join {{ ref('int_model_prices') }} as prices
        on by_price.call_date = prices.call_date and by_price.price_key = prices.price_key

)

select
    {{ usage_dimensions() }},
    price_key,
    commitment_id,
    cast(sum(calls) as bigint) as calls,
    cast(sum(mismatched_calls) as bigint) as mismatched_calls,
    cast(sum(traced_calls) as bigint) as traced_calls,
    cast(sum(refused_calls) as bigint) as refused_calls,
    {% for meter in all_meters() -%}
        cast(sum({{ quantity_of(meter) }}) as {{ sum_type(quantity_of(meter)) }}) as {{ quantity_of(meter) }},
        {% for basis in metered_bases() -%}
            cast(sum({{ meter }}_{{ basis }}_cost_usd) as {{ money() }}) as {{ meter }}_{{ basis }}_cost_usd,
        {% endfor -%}
    {% endfor -%}
    cast(sum(all_tokens) as bigint) as all_tokens,
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd,
    cast(sum(traced_contracted_cost_usd) as {{ money() }}) as traced_contracted_cost_usd,
    cast(sum(reported_cost_usd) as {{ money() }}) as reported_cost_usd,
    cast(sum(reference_list_cost_usd) as {{ money() }}) as reference_list_cost_usd,
    cast(case when count(*) = count(gpu_seconds) then sum(gpu_seconds) end as decimal(18, 6)) as gpu_seconds,
    {{ estimated_sums() }}
from priced
group by all
