-- Between two moments at which something was learnt of a model's prices, its usage costs the same: each such span is a row.
with learnt as (

    select distinct
        provider,
        model,
        known_from
    from {{ ref('int_price_versions') }}

),

spans as (

    select
        provider,
        model,
        known_from,
        coalesce(lead(known_from) over (partition by provider, model order by known_from), timestamp '9999-12-31') as known_to
    from learnt

),

costed as (

    select
        {{ month_of('usage.call_date') }} as month,
        usage.provider,
        usage.model,
        spans.known_from,
        spans.known_to,
        usage.calls,
        prices.has_price,
        {% for basis in metered_bases() -%}
            {%- set outer = loop -%}
            {% for meter in all_meters() -%}
                {{ meter_cost('usage', 'prices', meter, basis) }}
                    as {{ meter }}_{{ basis }}_usd{% if not (loop.last and outer.last) %},{% endif %}
            {% endfor -%}
        {% endfor %}
    from {{ ref('int_usage_by_price') }} as usage
    inner join spans on coalesce(usage.provider, '') = coalesce(spans.provider, '') and usage.model = spans.model
    inner join {{ ref('int_price_versions') }} as prices
        on usage.price_key = prices.price_key and {{ is_known('spans.known_from', 'prices') }}

),

summed as (

    select
        *,
        {% for basis in metered_bases() -%}
            case when has_price then {{ for_each_meter('coalesce(<meter>_' ~ basis ~ '_usd, 0)', ' + ') }} end
                as {{ basis }}_usd,
        {% endfor -%}
        {{ for_each_meter('<meter>_list_usd is null', ' or ') }} as has_unknown_price
    from costed

)

select
    month,
    known_from,
    known_to,
    provider,
    model,
    bool_or(has_unknown_price) as has_unknown_price,
    cast(sum(calls) as bigint) as call_count,
    {% for basis in metered_bases() -%}
        cast(sum({{ basis }}_usd) as {{ money() }}) as {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from summed
group by month, known_from, known_to, provider, model
