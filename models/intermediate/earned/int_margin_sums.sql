-- Reshapes: revenue and fully loaded cost of each month once by customer and once by feature, whichever of the two there is.
{%- set keys = ['target_type', 'customer_id', 'product', 'feature', 'month'] %}
{%- set amounts = [
    'fully_loaded_cost_usd', 'ai_cost_usd', 'infrastructure_cost_usd', 'licences_cost_usd', 'human_work_cost_usd', 'cogs_usd',
    'promotional_credit_usd', 'negotiated_discount_usd', 'cogs_discount_usd', 'next_change_usd',
] %}
{%- set nothing = nothing_in_ledger() %}
{%- set whose = {'customer': ['customer_id'], 'feature': ['product', 'feature']} %}
with ledger as (

    select distinct month as ledger_month
    from {{ ref('int_month_costs') }}
    where cost_kind <> 'human_work' and cost_rows > 0

),

charged as (

    select
        margin_costs.*,
        ledger.ledger_month
    from {{ ref('int_margin_costs') }} as margin_costs
    left join ledger on margin_costs.month = ledger.ledger_month

),

costs as (

    select
        {{ comma_list(keys) }},
        sum(cost_rows) as cost_rows,
        sum(unknown_count) as unknown_count,
        sum(unpriced_calls) as unpriced_calls,
        {{ known_sum('cost_usd') }} as fully_loaded_cost_usd,
        {% for kind in ['ai', 'infrastructure', 'licences', 'human_work'] -%}
            {{ known_sum('cost_usd', "cost_kind = '" ~ kind ~ "'") }} as {{ kind }}_cost_usd,
        {% endfor -%}
        {{ known_sum('uncredited_cost_usd', "cost_class = 'cogs'") }} as cogs_usd,
        coalesce(sum(credit_usd), {{ nothing }}) as promotional_credit_usd,
        coalesce(sum(discount_usd), {{ nothing }}) as negotiated_discount_usd,
        coalesce(sum(discount_usd) filter (where cost_class = 'cogs'), {{ nothing }}) as cogs_discount_usd,
        coalesce(sum(credit_usd) filter (where credits_end_date = next_change_date), {{ nothing }})
        + coalesce(sum(discount_usd) filter (where discounts_end_date = next_change_date), {{ nothing }}) as next_change_usd,
        min(credits_end_date) as credits_end_date,
        min(prepaid_end_date) as prepaid_end_date,
        min(discounts_end_date) as discounts_end_date,
        min(next_change_date) as next_change_date
    from charged
    group by {{ comma_list(keys) }}

),

revenue as (

    {% for target_type, columns in whose.items() -%}
        select
            '{{ target_type }}' as target_type,
            {% for column in ['customer_id', 'product', 'feature'] -%}
                {{ column if column in columns else "'(all)'" }} as {{ column }},
            {% endfor -%}
            month,
            sum(unconverted_count) as unconverted_count,
            -- Of what is only partly known in USD, the known part is no revenue to judge by.
            case when sum(unconverted_count) = 0 then sum(revenue_usd) end as revenue_usd
        from {{ ref('int_recognised_revenue') }}
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

-- Where the ledger has the month, what has no row in it costs nothing; else what it costs is not known.
select
    {% for key in keys -%}
        coalesce(costs.{{ key }}, revenue.{{ key }}) as {{ key }},
    {% endfor -%}
    ledger.ledger_month is not null as has_ledger,
    revenue.month is not null as has_revenue,
    coalesce(revenue.unconverted_count, 0) as unconverted_count,
    coalesce(costs.cost_rows, 0) as cost_rows,
    coalesce(costs.unknown_count, 0) as unknown_count,
    coalesce(costs.unpriced_calls, 0) as unpriced_calls,
    revenue.revenue_usd,
    {% for amount in amounts -%}
        case when costs.month is null and ledger.ledger_month is not null then 0 else costs.{{ amount }} end as {{ amount }},
    {% endfor -%}
    costs.credits_end_date,
    costs.prepaid_end_date,
    costs.discounts_end_date,
    costs.next_change_date
from costs
full outer join revenue on {{ same_columns_of('costs', 'revenue', keys) }}
left join ledger on coalesce(costs.month, revenue.month) = ledger.ledger_month
