-- Quantity times unit price is the cost. A price is not negative, so a refund has a negative quantity. Tokens are priced by the million.
with stated as (

    select
        cost_line_id,
        charge_date,
        {{ bucket_meter('token_class') }} = 'tokens' and consumed_quantity is not null as is_tokens,
        case
            when is_tokens then {{ product_of('consumed_quantity', '0.000001') }} else coalesce(pricing_quantity, consumed_quantity)
        end as stated_quantity,
        coalesce(
            case when pricing_quantity is not null then {{ told('pricing_unit') }} end, {{ told('consumed_unit') }}
        ) as bill_unit,
        case
            when is_tokens then '1000000 Tokens'
            else {{ focus_unit('bill_unit') }}
        end as stated_unit,
        case when least(list_cost, contracted_cost) < 0 then -1 else 1 end as direction,
        list_cost,
        contracted_cost,
        list_unit_price,
        contracted_unit_price,
        abs(coalesce(pricing_quantity, consumed_quantity)) as bill_quantity,
        pricing_currency_list_unit_price,
        pricing_currency_contracted_unit_price
    from {{ ref('int_focus_charges') }}
    where category in ('Usage', 'Purchase')

),

priced as (

    select
        *,
        direction * abs(stated_quantity) as quantity,
        {% for basis in ['list', 'contracted'] -%}
            case
                when
                    {{ basis }}_unit_price >= 0
                    and {{ is_product(basis ~ '_unit_price', 'quantity', basis ~ '_cost', 'abs(cast(' ~ basis ~ '_cost as double))') }}
                    then {{ basis }}_unit_price
                when {{ basis }}_cost = 0 then 0
                else {{ price_of_unit(basis ~ '_cost', 'quantity') }}
            end as {{ basis }}_price,
        {% endfor -%}
        {{ is_product('list_price', 'quantity', 'list_cost') }} and {{ is_product('contracted_price', 'quantity', 'contracted_cost') }}
            as is_priced
    from stated

)

-- A bill that states an amount alone, or a quantity that says nothing of it, is one unit at that amount. A price that the bill states in
-- another currency is of its own unit, and becomes one of ours.
select
    cost_line_id,
    charge_date,
    is_priced as has_quantity,
    case when is_priced then quantity else direction end as pricing_quantity,
    case when is_priced then stated_unit else 'Units' end as pricing_unit,
    case when is_priced then list_price else abs(list_cost) end as list_unit_price,
    case when is_priced then contracted_price else abs(contracted_cost) end as contracted_unit_price,
    {% for basis in ['list', 'contracted'] -%}
        case
            when bill_quantity = abs(pricing_quantity) then pricing_currency_{{ basis }}_unit_price
            else {{ price_of_unit(
                'cast(pricing_currency_' ~ basis ~ '_unit_price as double) * cast(nullif(bill_quantity, 0) as double)',
                'abs(pricing_quantity)'
            ) }}
        end as pricing_currency_{{ basis }}_unit_price{{ ',' if not loop.last }}
    {% endfor %}
from priced
