-- A second opinion fills what the first catalogue does not know, and overrides nothing. What has no public price is listed at
-- its negotiated one, so that no saving is claimed for it.
with priced as (

    select
        used.call_date,
        cells.*,
        {% for meter in all_meters() -%}
            coalesce(cells.{{ meter }}_first_price, cells.{{ meter }}_second_price, terms.{{ meter }}_fixed_price)
                as {{ meter }}_list_price,
            terms.{{ meter }}_fixed_price,
            terms.{{ meter }}_discount_ratio,
        {% endfor -%}
        terms.match_key is not null as has_contract
    from {{ ref('int_models_resolved') }} as used
    inner join {{ ref('int_price_cells') }} as cells
        on used.match_key = cells.match_key and used.call_date >= cells.valid_from and used.call_date < cells.valid_to
    left join {{ ref('int_contract_terms') }} as terms
        on used.call_date = terms.call_date and cells.match_key = terms.match_key and cells.service_tier = terms.service_tier

)

select
    call_date,
    provider,
    model,
    service_tier,
    known_from,
    known_to,
    {% for start, end, _, _ in price_bounds()[2:] -%}
        {{ start }},
        {{ end }},
    {% endfor -%}
    price_provider,
    price_model,
    concat_ws(
        ', ',
        case when coalesce({{ for_each_meter('<meter>_first_price', ', ') }}) is not null then 'genai-prices' end,
        case when {{ for_each_meter('(<meter>_first_price is null and <meter>_second_price is not null)', ' or ') }} then 'litellm' end,
        case when has_contract then 'contract_prices' end
    ) as price_catalogue,
    md5(
        coalesce(provider, '') || '|' || model || '|' || service_tier || '|' || call_date || '|' || from_second || '|' || input_tokens_over
    ) as price_key,
    has_contract,
    coalesce({{ for_each_meter('<meter>_list_price', ', ') }}) is not null as has_price,
    {% for meter in all_meters() -%}
        {{ meter }}_first_price,
        {{ meter }}_second_price,
        {{ meter }}_list_price,
        coalesce(
            {{ meter }}_fixed_price,
            {{ discounted(meter ~ '_list_price', meter ~ '_discount_ratio') }},
            {{ meter }}_list_price
        ) as {{ meter }}_contracted_price{% if not loop.last %},{% endif %}
    {% endfor %}
from priced
