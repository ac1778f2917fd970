-- Reshapes: one column a meter instead of one row. Of several rows that hold, the most specific one counts.
with meters as (

    {% for meter in all_meters() -%}
        select '{{ meter }}' as meter {{ 'union all' if not loop.last }}
    {% endfor %}

),

tiers as (

    select distinct
        match_key,
        service_tier
    from {{ ref('int_price_cells') }}

),

terms as (

    select
        used.call_date,
        used.match_key,
        meters.meter,
        contracts.discount_ratio,
        {{ price_of_one('contracts.price_usd', 'contracts.price_unit') }} as fixed_price,
        tiers.service_tier
    from {{ ref('int_models_resolved') }} as used
    inner join {{ ref('stg_company__contract_prices') }} as contracts
        on {{ is_contract_of('contracts', 'used') }} and {{ is_valid('contracts', 'used.call_date') }}
    inner join tiers
        on
            used.match_key = tiers.match_key
            and (contracts.commitment_tier is null or lower(contracts.commitment_tier) = tiers.service_tier)
    inner join meters on contracts.meter is null or contracts.meter = meters.meter
    qualify
        row_number() over (
            partition by used.call_date, used.match_key, tiers.service_tier, meters.meter
            order by
                case lower(contracts.model)
                    when lower(used.model) then 1 when lower(used.resolved_model) then 2 when lower(used.price_model) then 3 else 4
                end,
                case when contracts.meter is null then 2 else 1 end,
                case when contracts.commitment_tier is null then 2 else 1 end,
                contracts.provider asc, contracts.valid_from asc
        ) = 1

)

select
    call_date,
    match_key,
    service_tier,
    {% for meter in all_meters() -%}
        max(fixed_price) filter (where meter = '{{ meter }}') as {{ meter }}_fixed_price,
        max(discount_ratio) filter (where meter = '{{ meter }}') as {{ meter }}_discount_ratio{% if not loop.last %},{% endif %}
    {% endfor %}
from terms
group by call_date, match_key, service_tier
