-- FOCUS out shows all money of the ledger: billed and effective by currency, to the last decimal. What of usage nobody bills and nobody
-- can price is no charge there. A currency that ISO does not know has no name there.
with ledger as (

    select
        {{ focus_currency('billing_currency') }} as currency,
        count(*) as charges,
        sum(coalesce(billed_cost, 0)) as billed,
        sum(coalesce(effective_cost, billed_cost)) as effective
    from {{ ref('fct_cost_lines') }}
    where coalesce(effective_cost, billed_cost) is not null
    group by 1

),

{% for mart, key in {'plain': 'focus_1_2_cost_and_usage', 'own': 'focus_1_2_cost_and_usage_x'}.items() -%}
    {{ mart }} as (

        select
            BillingCurrency as currency,
            count(*) as charges,
            sum(BilledCost) as billed,
            sum(EffectiveCost) as effective
        from {{ ref(key) }}
        group by 1

    ){% if not loop.last %},{% endif %}

{% endfor -%}
select
    ledger.*,
    plain.billed as plain_billed,
    own.billed as own_billed
from ledger
full outer join plain on ledger.currency = plain.currency
full outer join own on ledger.currency = own.currency
where
    ledger.charges is distinct from plain.charges
    or ledger.billed is distinct from plain.billed
    or ledger.effective is distinct from plain.effective
    or ledger.charges is distinct from own.charges
    or ledger.billed is distinct from own.billed
