{{ config(materialized='table') }}

-- Reshapes: each month's costs once by customer and once by feature, with when what lowers them ends, and what of all of it ends first.
{%- set whose = {'customer': ['customer_id'], 'feature': ['product', 'feature']} %}
with charged as (

    -- What lowers the prices of a vendor ends with its own credits, balances and contracts.
    select
        months.*,
        coalesce(months.cost_usd + months.credit_usd, months.cost_usd, months.credit_usd) as uncredited_cost_usd,
        case when months.credit_usd <> 0 then ends.credits_end_date end as credits_end_date,
        ends.prepaid_end_date,
        case when months.discount_usd <> 0 then ends.discounts_end_date end as discounts_end_date
    from {{ ref('int_month_costs') }} as months
    left join {{ ref('int_price_ends') }} as ends on months.month = ends.month and months.vendor = ends.vendor

)

{% for target_type, columns in whose.items() -%}
    select
        '{{ target_type }}' as target_type,
        {% for column in ['customer_id', 'product', 'feature'] -%}
            {{ column if column in columns else "'(all)'" }} as {{ column }},
        {% endfor -%}
        month,
        cost_kind,
        cost_class,
        unknown_count,
        cost_rows,
        unpriced_calls,
        cost_usd,
        uncredited_cost_usd,
        credit_usd,
        discount_usd,
        credits_end_date,
        prepaid_end_date,
        discounts_end_date,
        min(least(credits_end_date, prepaid_end_date, discounts_end_date)) over (partition by month, {{ comma_list(columns) }})
            as next_change_date
    from charged
    {{ 'union all' if not loop.last }}
{% endfor %}
