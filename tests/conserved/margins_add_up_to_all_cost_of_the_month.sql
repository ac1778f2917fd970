-- Law 1: fully loaded cost of all customers, `(internal)` and `(unallocated)` included, is all effective cost of the usage month and all
-- human work; of all features too. Of each row, it is the sum of its parts.
with ledger as (

    select
        month,
        sum(cost_usd) as cost_usd
    from (
        select
            usage_month as month,
            effective_cost_usd as cost_usd
        from {{ ref('fct_allocated_costs') }}
        union all
        select
            effort_month as month,
            imputed_cost_usd as cost_usd
        from {{ ref('int_human_work') }}
    ) as spent
    group by month

),

margins as (

    {% for mart in ['customer_margin', 'feature_margin'] -%}
        select
            '{{ mart }}' as mart,
            month,
            sum(fully_loaded_cost_usd) as cost_usd,
            coalesce(sum(ai_cost_usd), 0) + coalesce(sum(infrastructure_cost_usd), 0) + coalesce(sum(licences_cost_usd), 0)
            + coalesce(sum(human_work_cost_usd), 0) as parts_usd
        from {{ ref(mart) }}
        group by month
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    margins.*,
    ledger.cost_usd as ledger_usd
from ledger
full outer join margins on ledger.month = margins.month
where coalesce(ledger.cost_usd, 0) <> coalesce(margins.cost_usd, 0) or coalesce(margins.cost_usd, 0) <> coalesce(margins.parts_usd, 0)
