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
    where {{ in_unpublished_days(ref('fct_allocated_costs'), 'x_ChargeDate') }}
    group by x_CostLineId

),

charges as (

    select * from {{ ref('focus_1_2_cost_and_usage_x') }}
    where {{ in_unpublished_days(ref('fct_allocated_costs'), 'x_ChargeDate') }}

)

select charges.x_CostLineId
from charges
left join parts on charges.x_CostLineId = parts.x_CostLineId
where
    charges.BilledCost is distinct from parts.BilledCost
    or charges.EffectiveCost is distinct from parts.EffectiveCost
    or charges.ListCost is distinct from parts.ListCost
    or charges.ContractedCost is distinct from parts.ContractedCost
    or charges.PricingCurrencyEffectiveCost is distinct from parts.PricingCurrencyEffectiveCost
    or charges.PricingQuantity is distinct from parts.PricingQuantity
    or charges.ConsumedQuantity is distinct from parts.ConsumedQuantity
