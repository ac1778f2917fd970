{{ config(materialized='days', day='call_date', meta={'fingerprint': 'content'}) }}

-- An hour's calls take its capacity in their order, until it is used up, and bear of its cost what they take of it; without a known
-- capacity, all of it. What finds no room is priced as it is billed. Where the log says which calls ran on it, these did.
{%- set of_hour = 'commitment_id, call_date, clock_hour' %}
with candidates as (

    select
        calls.call_date,
        calls.source,
        calls.call_id,
        calls.called_at,
        {% for column in target_columns() -%}
            coalesce(calls.{{ column }}, '(unallocated)') as {{ column }},
        {% endfor -%}
        calls.list_cost_usd,
        calls.contracted_cost_usd,
        terms.commitment_id,
        terms.billing_currency,
        terms.is_billed,
        terms.hour_capacity,
        extract(hour from calls.called_at) as clock_hour,
        case when extract(hour from calls.called_at) = 0 then terms.first_hour_cost else terms.hour_cost end as hour_cost,
        {{ is_provisioned_tier('calls.service_tier') }} as is_told,
        {{ capacity_tokens('calls', 'prices') }} as tokens
    from {{ ref('int_calls_priced') }} as calls
    inner join {{ ref('int_provisioned_days') }} as terms
        on
            calls.call_date = terms.charge_date
            and calls.provider = terms.vendor
            and coalesce(calls.account, '') = coalesce(terms.account, calls.account, '')
            and (terms.models is null or contains(';' || terms.models || ';', ';' || lower(calls.model) || ';'))
    left join {{ ref('int_model_prices') }} as prices on calls.call_date = prices.call_date and calls.price_key = prices.price_key
    where
        not calls.is_gateway_cache_hit
        and ({{ is_provisioned_tier('calls.service_tier') }} or {{ bucket_tier('calls.service_tier') }} = 'standard')
        and {{ in_days('calls.call_date') }}
    qualify
        row_number() over (
            partition by calls.call_date, calls.source, calls.call_id
            order by terms.models asc nulls last, terms.account asc nulls last, terms.commitment_id asc
        ) = 1

),

in_order as (

    select
        *,
        coalesce(sum(tokens) over (
            partition by {{ of_hour }} order by called_at, source, call_id rows between unbounded preceding and 1 preceding
        ), 0) as tokens_before
    from candidates
    qualify is_told or not bool_or(is_told) over (partition by commitment_id, call_date)

),

shares as (

    select
        *,
        sum(tokens) over (partition by {{ of_hour }}) as hour_tokens,
        case
            when hour_capacity > hour_tokens
                then least(cast(cast(hour_cost as double) * (cast(hour_tokens as double) / hour_capacity) as {{ money() }}), hour_cost)
            when hour_tokens > 0 then hour_cost
            else 0
        end as used_of_hour
    from in_order
    where is_told or hour_capacity is null or tokens_before < hour_capacity

),

rounded as (

    select
        *,
        {{ rounded_share('used_of_hour', 'tokens', of_hour) }} as part,
        {{ largest_first('tokens', of_hour, 'source, call_id') }} as part_rank
    from shares

),

exact as (

    select
        *,
        cast({{ exact_part('used_of_hour', 'part', of_hour, 'part_rank') }} as {{ money() }}) as used_cost
    from rounded

)

select
    exact.call_date,
    exact.source,
    exact.call_id,
    {{ targets('exact') }},
    {{ comma_list(['commitment_id', 'is_billed', 'list_cost_usd', 'contracted_cost_usd', 'tokens', 'used_cost'], 'exact') }},
    {{ in_usd('exact.used_cost', 'exact.billing_currency', 'rates.usd_per_unit') }} as used_cost_usd
from exact
left join {{ ref('int_charge_rates') }} as rates
    on
        exact.call_date = rates.charge_date
        and exact.billing_currency = rates.currency
        and rates.is_accrued = not exact.is_billed
        and rates.invoice_date is null
