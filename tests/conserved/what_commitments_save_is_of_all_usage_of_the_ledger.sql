-- Law 1: by vendor and month the whole effective cost of usage, of which commitments are parts.
with ledger as (

    select
        usage_month as month,
        coalesce(vendor, '(unknown)') as vendor,
        sum(effective_cost_usd) as effective_cost_usd,
        sum(effective_cost_usd) filter (where commitment_discount_id is not null) as committed_cost_usd
    from {{ ref('fct_cost_lines') }}
    where charge_category = 'Usage'
    group by usage_month, coalesce(vendor, '(unknown)')

),

saved as (

    select
        month,
        vendor,
        sum(effective_cost_usd) filter (where commitment_id = '(all)') as effective_cost_usd,
        sum(effective_cost_usd) filter (where commitment_id <> '(all)') as committed_cost_usd
    from {{ ref('commitment_savings') }}
    group by month, vendor

)

select *
from ledger
full outer join saved on ledger.month = saved.month and ledger.vendor = saved.vendor
where
    ledger.effective_cost_usd is distinct from saved.effective_cost_usd
    or ledger.committed_cost_usd is distinct from saved.committed_cost_usd
