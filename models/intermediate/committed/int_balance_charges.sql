{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The lines of bills that a balance was bought or paid back with: those that name it, else the purchase of its month and amount.
with purchases as (

    select
        charge_date,
        purchase_line_id as cost_line_id,
        purchase_words,
        vendor,
        billing_currency,
        billed_cost
    from {{ ref('int_charge_sums') }}
    where purchase_line_id is not null and billed_cost <> 0

),

named as (

    select
        purchases.*,
        balances.commitment_id
    from purchases
    inner join {{ ref('int_balances') }} as balances
        on
            purchases.vendor = balances.vendor
            and purchases.billing_currency = balances.billing_currency
            and contains(purchases.purchase_words, lower(balances.commitment_id))
            -- What is paid back of an expired balance is no longer of it.
            and (purchases.billed_cost > 0 or purchases.charge_date < coalesce(balances.ends_on, date '9999-12-31'))
    qualify row_number() over (partition by purchases.cost_line_id order by length(balances.commitment_id) desc, balances.commitment_id) = 1

),

-- Of equal purchases in a month, the first is that of the first balance.
nameless as (

    select
        purchases.*,
        row_number() over (
            partition by purchases.vendor, purchases.billing_currency, purchases.billed_cost, {{ month_of('purchases.charge_date') }}
            order by purchases.charge_date, purchases.cost_line_id
        ) as place
    from purchases
    left join named on purchases.cost_line_id = named.cost_line_id
    where named.cost_line_id is null

),

unnamed as (

    select
        balances.*,
        row_number() over (
            partition by balances.vendor, balances.billing_currency, balances.amount, {{ month_of('balances.valid_from') }}
            order by balances.valid_from, balances.commitment_id
        ) as place
    from {{ ref('int_balances') }} as balances
    left join named on balances.commitment_id = named.commitment_id and named.billed_cost > 0
    where named.commitment_id is null and not balances.is_given

)

select
    charge_date,
    cost_line_id,
    commitment_id,
    billed_cost
from named
union all
select
    nameless.charge_date,
    nameless.cost_line_id,
    unnamed.commitment_id,
    nameless.billed_cost
from nameless
inner join unnamed
    on
        nameless.vendor = unnamed.vendor
        and nameless.billing_currency = unnamed.billing_currency
        and nameless.billed_cost = unnamed.amount
        and {{ month_of('nameless.charge_date') }} = {{ month_of('unnamed.valid_from') }}
        and nameless.place = unnamed.place
