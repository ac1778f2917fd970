-- The parts of a charge in FOCUS 1.3 have its costs and quantities together, to the last decimal.
{%- set amounts = [
    'BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'PricingCurrencyEffectiveCost', 'PricingQuantity', 'ConsumedQuantity',
] %}
with parts as (

    select
        x_CostLineId,
        {% for amount in amounts -%}
            sum({{ amount }}) as {{ amount }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('focus_1_3_allocated_costs') }}
    group by x_CostLineId

)

select charges.x_CostLineId
from {{ ref('focus_1_2_cost_and_usage_x') }} as charges
left join parts on charges.x_CostLineId = parts.x_CostLineId
where
    {% for amount in amounts -%}
        charges.{{ amount }} is distinct from parts.{{ amount }}
        {{ 'or' if not loop.last }}
    {% endfor %}
