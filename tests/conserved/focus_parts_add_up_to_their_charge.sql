-- The parts of a charge in FOCUS 1.3 have its costs and quantities together, to the last decimal.
{%- set amounts = [
    'BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'PricingCurrencyEffectiveCost', 'PricingQuantity', 'ConsumedQuantity',
] %}
with parts as (

    select
        x_CostLineId,
        {% for amount in amounts -%}
            sum({{ amount }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('focus_1_3_allocated_costs') }}
    group by x_CostLineId

)

select charges.x_CostLineId
from {{ ref('focus_1_2_cost_and_usage_x') }} as charges
left join parts on charges.x_CostLineId = parts.x_CostLineId
where
    charges.BilledCost is distinct from parts.BilledCost
    or charges.EffectiveCost is distinct from parts.EffectiveCost
    or charges.ListCost is distinct from parts.ListCost
    or charges.ContractedCost is distinct from parts.ContractedCost
    or charges.PricingCurrencyEffectiveCost is distinct from parts.PricingCurrencyEffectiveCost
    or charges.PricingQuantity is distinct from parts.PricingQuantity
    or charges.ConsumedQuantity is distinct from parts.ConsumedQuantity
