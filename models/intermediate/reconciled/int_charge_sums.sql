{{ config(materialized='days', day='charge_date') }}

-- Purchases and refunds stand one by one, since a balance may be bought or paid back with one; what a balance may pay for, by model; and
-- what may bill seats, by what it says.
with clusters as (

    select distinct
        charge_date,
        {{ cluster_account('cluster') }} as cluster -- noqa: RF04
    from {{ ref('int_node_names') }}
    where {{ in_days('charge_date') }}

),

charges as (

    select
        charges.*,
        {{ cluster_account('nodes.cluster') }} as node_cluster,
        case
            when charges.book = 'platform' then clusters.cluster is not null
            else charges.book in ('cloud_bill', 'native_bill') and charges.resource_id is not null
        end as names_nodes,
        {{ drawn_by('charges') }} as drawn_by,
        charges.charge_category = 'Purchase' or (charges.charge_category = 'Adjustment' and charges.billed_cost < 0) as is_purchase,
        {{ is_named(['minimum_or_shortfall'], 'charges') }} as is_shortfall,
        {{ is_named(['minimum_or_shortfall', 'marketplace_fee', 'prepaid_or_commitment'], 'charges') }} as is_fee,
        {{ is_seat_unit('charges.consumed_unit') }} as is_by_seat,
        not {{ is_accrued_book('charges.book') }}
        and charges.model is null
        and (charges.charge_category = 'Purchase' or charges.book = 'invoice' or {{ is_seat_unit('charges.consumed_unit') }})
            as may_bill_seats
    from {{ ref('int_charges') }} as charges
    left join {{ ref('int_billed_nodes') }} as nodes
        on
            charges.charge_date = nodes.charge_date
            and {{ last_day_of('charges.charge_period_start', 'charges.charge_period_end') }} = nodes.last_charge_date
            and {{ node_name('charges.resource_id') }} = nodes.node_name
            and {{ in_days('nodes.charge_date') }}
            and charges.book in ('cloud_bill', 'native_bill')
    left join clusters
        on
            charges.charge_date = clusters.charge_date
            and coalesce(charges.billing_account_id, '') = clusters.cluster
            and charges.book = 'platform'
    where {{ in_days('charges.charge_date') }}

)

select
    charge_date,
    {{ last_day_of('charge_period_start', 'charge_period_end') }} as last_charge_date,
    {{ month_of('billing_period_start') }} as billing_month,
    source,
    book,
    vendor,
    bill_vendor,
    coalesce(billing_account_id, '') as billing_account_id,
    charge_category,
    charge_class,
    is_explanation,
    is_shortfall,
    charge_category = 'Usage' and not is_fee and not is_by_seat as is_usage,
    seats_of,
    case
        when not may_bill_seats then null
        -- A subscription that does not say of what may be any of its vendor's.
        when (is_purchase or is_by_seat) and lower(service) in (lower(provider), 'seats', 'users', 'licences', 'licenses', 'subscription')
            then ''
        else lower(service)
    end as seat_service,
    -- A bill's usage of a product by its name is the product.
    case
        when may_bill_seats then lower(concat_ws(' ', service, charge_description))
        when model is null and not {{ is_accrued_book('book') }} then lower(service)
    end as seat_words,
    node_cluster,
    names_nodes,
    drawn_by,
    case when drawn_by is not null then model end as model,
    case when drawn_by is not null then commitment_discount_id end as commitment_discount_id,
    case when is_purchase then cost_line_id end as purchase_line_id,
    case when is_purchase then lower(concat_ws(' ', commitment_discount_id, service, charge_description)) end as purchase_words,
    billing_currency,
    count(*) as line_count,
    {% for basis in cost_bases() -%}
        cast(sum({{ basis }}_cost) as {{ money() }}) as {{ basis }}_cost{% if not loop.last %},{% endif %}
    {% endfor %}
from charges
group by all
