-- Law 1: production, other environments and unknown ones are the month's whole effective cost.
with ledger as (

    select
        usage_month as month,
        sum(effective_cost_usd) as effective_cost_usd
    from {{ ref('fct_cost_lines') }}
    group by usage_month

)

select *
from ledger
full outer join {{ ref('cloud_efficiency') }} as compared on ledger.month = compared.month
where
    compared.effective_cost_usd is distinct from ledger.effective_cost_usd
    or compared.effective_cost_usd
    <> compared.production_cost_usd + compared.other_environment_cost_usd + compared.unknown_environment_cost_usd
