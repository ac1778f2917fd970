{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- The lines of bills that a commitment was bought or paid back with: those that name it, else of its amount in its month, or in one beside.
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
            commitments.kind in ('prepaid', 'reservation', 'provisioned_throughput')
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

-- Of equal purchases in a month, the first is that of the first commitment.
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
        commitments.*,
        row_number() over (
            partition by commitments.vendor, commitments.billing_currency, commitments.amount, {{ month_of('commitments.valid_from') }}
            order by commitments.valid_from, commitments.commitment_id
        ) as place
    from {{ ref('int_commitments') }} as commitments
    left join named on commitments.commitment_id = named.commitment_id and named.billed_cost > 0
    where named.commitment_id is null and commitments.kind in ('prepaid', 'reservation', 'provisioned_throughput')

),

fitting as (

    select
        nameless.*,
        unnamed.commitment_id,
        unnamed.valid_from,
        {{ month_of('nameless.charge_date') }} = {{ month_of('unnamed.valid_from') }} as is_of_month,
        nameless.place = unnamed.place as is_in_place
    from nameless
    inner join unnamed
        on
            nameless.vendor = unnamed.vendor
            and nameless.billing_currency = unnamed.billing_currency
            and nameless.billed_cost = unnamed.amount
            and nameless.charge_date >= cast({{ month_of('unnamed.valid_from') }} - interval '1' month as date)
            and nameless.charge_date < cast({{ month_of('unnamed.valid_from') }} + interval '2' month as date)

),

judged as (

    select
        *,
        bool_or(is_of_month) over (partition by cost_line_id) or bool_or(is_of_month) over (partition by commitment_id) as has_its_month
    from fitting
    where is_in_place or not is_of_month

),

paired as (

    select * from judged
    where is_of_month or not has_its_month
    qualify
        row_number() over (partition by cost_line_id order by valid_from, commitment_id) = 1
        and row_number() over (partition by commitment_id order by charge_date, cost_line_id) = 1

)

{% for lines in ['named', 'paired'] -%}
    select {{ comma_list(['charge_date', 'cost_line_id', 'commitment_id', 'billed_cost', 'effective_cost']) }}
    from {{ lines }}
    {{ 'union all' if not loop.last }}
{% endfor %}
