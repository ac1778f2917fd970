{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The lines of bills that a commitment was bought or paid back with: those that name it, else of its amount in or about its month.
{%- set alike = ['vendor', 'billing_currency', 'amount'] %}
with purchases as (

    select
        purchase_line_id as cost_line_id,
        {{ comma_list(['charge_date', 'purchase_words', 'vendor', 'billing_currency', 'billed_cost', 'effective_cost']) }}
    from {{ ref('int_charge_sums') }}
    where purchase_line_id is not null and billed_cost <> 0

),

named as (

    select
        purchases.*,
        commitments.commitment_id
    from purchases
    inner join {{ ref('int_commitments') }} as commitments
        on
            {{ is_bought('commitments') }}
            and purchases.vendor = commitments.vendor
            and purchases.billing_currency = commitments.billing_currency
            and contains(purchases.purchase_words, lower(commitments.commitment_id))
            -- What is paid back of an expired balance is no longer of it.
            and (
                purchases.billed_cost > 0
                or (commitments.kind = 'prepaid' and purchases.charge_date < coalesce(commitments.ends_on, date '9999-12-31'))
            )
    qualify
        row_number() over (
            partition by purchases.cost_line_id order by length(commitments.commitment_id) desc, commitments.commitment_id asc
        ) = 1

),

nameless as (

    select
        true as is_purchase,
        purchases.cost_line_id as id,
        purchases.charge_date as stands_on,
        purchases.billed_cost as amount,
        {{ comma_list(['vendor', 'billing_currency', 'effective_cost'], 'purchases') }}
    from purchases
    left join named on purchases.cost_line_id = named.cost_line_id
    where named.cost_line_id is null
    union all
    select
        false as is_purchase,
        commitments.commitment_id as id,
        commitments.valid_from as stands_on,
        commitments.amount,
        {{ comma_list(['vendor', 'billing_currency'], 'commitments') }},
        null as effective_cost
    from {{ ref('int_commitments') }} as commitments
    left join named on commitments.commitment_id = named.commitment_id and named.billed_cost > 0
    where named.commitment_id is null and {{ is_bought('commitments') }}

),

-- Of equal purchases in a month, the first is that of the first commitment.
in_month as (

    select
        *,
        {{ month_of('stands_on') }} as month,
        row_number() over (partition by {{ comma_list(alike) }}, is_purchase, month order by stands_on, id) as month_place
    from nameless

),

-- What its month leaves alone may be of the month before or after, but only about their turn: a month later it is another term's.
judged as (

    select
        *,
        count(*) over (partition by {{ comma_list(alike) }}, month, month_place) = 2 as is_of_month,
        case
            when is_of_month then month
            when {{ month_of('stands_on - 7') }} <> {{ month_of('stands_on + 7') }} then {{ month_of('stands_on + 7') }}
        end as span
    from in_month

),

placed as (

    select
        *,
        row_number() over (partition by {{ comma_list(alike) }}, is_purchase, is_of_month, span order by stands_on, id) as place
    from judged

)

select {{ comma_list(['charge_date', 'cost_line_id', 'commitment_id', 'billed_cost', 'effective_cost']) }}
from named
union all
select
    bought.stands_on as charge_date,
    bought.id as cost_line_id,
    commitments.id as commitment_id,
    bought.amount as billed_cost,
    bought.effective_cost
from placed as bought
inner join placed as commitments on {{ same_columns_of('bought', 'commitments', alike + ['is_of_month', 'span', 'place']) }}
where bought.is_purchase and not commitments.is_purchase
