{{ config(materialized='view') }}

-- Each part of a charge as a row, with its part of all amounts: the allocated costs where the ledger knows them; of other costs and of
-- quantities the share, exactly.
{%- set whole = 'x_ChargeDate, x_CostLineId' %}
{%- set shared = [
    'ListCost', 'ContractedCost', 'PricingCurrencyEffectiveCost', 'PricingQuantity', 'ConsumedQuantity', 'CommitmentDiscountQuantity',
] %}
{%- set split = shared + ['BilledCost', 'EffectiveCost'] %}
{%- set tags = {} %}
{%- set names = [] %}
{%- for target in target_columns() -%}
    {%- set value = "nullif(parts." ~ target ~ ", '(unallocated)')" -%}
    {%- do tags.update({'costgrain/' ~ target: value}) -%}
    {%- do names.append(quoted(target ~ '=') ~ ' || ' ~ value) -%}
{%- endfor %}
with parts as (

    select
        charges.*,
        parts.allocated_cost_key,
        parts.rule_id,
        parts.method,
        parts.method = 'direct' and parts.allocation_ratio = 1 as is_whole,
        parts.allocation_ratio as weight,
        parts.allocation_ratio,
        parts.list_cost as list_part,
        parts.contracted_cost as contracted_part,
        coalesce(parts.billed_cost, 0) as billed_part,
        coalesce(parts.effective_cost, parts.billed_cost) as effective_part,
        nullif(concat_ws(',', {{ names | join(', ') }}), '') as target,
        {{ json_of(tags) }} as target_tags
    from {{ beside(ref('fct_allocated_costs')) }} as parts
    inner join {{ beside(ref('focus_1_2_cost_and_usage_x')) }} as charges
        on parts.charge_date = charges.x_ChargeDate and parts.cost_line_id = charges.x_CostLineId

),

rounded as (

    select
        *,
        {% for amount in shared -%}
            {{ rounded_share(amount, 'weight', whole) }} as rounded_{{ amount }},
        {% endfor -%}
        {{ largest_first('weight', whole, 'allocated_cost_key') }} as part_rank
    from parts

),

exact as (

    select
        *,
        {% for amount in shared -%}
            {{ exact_part(amount, 'rounded_' ~ amount, whole, 'part_rank') }} as exact_{{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from rounded

)

select
    {{ comma_list(focus_columns() | reject('in', split)) }},
    ProviderName as ServiceProviderName,
    case when not is_whole then rule_id end as AllocatedMethodId,
    case when not is_whole then {{ json_elements('AllocatedRatio', 'allocation_ratio', 'x_Method', 'method') }} end
        as AllocatedMethodDetails,
    case when not is_whole then target end as AllocatedResourceId,
    case when not is_whole then target_tags end as AllocatedTags,
    case when x_HasListCost then list_part else exact_ListCost end as ListCost,
    case when x_HasContractedCost then contracted_part else exact_ContractedCost end as ContractedCost,
    billed_part as BilledCost,
    effective_part as EffectiveCost,
    {% for amount in shared if not amount in ['ListCost', 'ContractedCost'] -%}
        exact_{{ amount }} as {{ amount }},
    {% endfor -%}
    x_CostLineId,
    allocated_cost_key as x_AllocatedCostKey,
    x_ChargeDate
from exact
