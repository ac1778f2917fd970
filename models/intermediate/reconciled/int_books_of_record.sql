{{ config(materialized='table', meta={'fingerprint': 'validity'}) }}
{%- set book = ['source', 'book', 'vendor', 'bill_vendor', 'billing_account_id'] %}

-- Of a vendor's money in a month that several sources show, one is the ledger's; the others explain it and add nothing.
with sums as (

    -- What a balance was bought with does not show the usage that draws on it; nor do corrections of an earlier bill, and usage that was
    -- told too late for it, which come with a later one, show what that earlier bill was. A bill of nothing else is in arrears.
    select
        sums.*,
        {{ month_of('sums.charge_date') }} as month,
        sums.charge_category in ('Usage', 'Purchase')
        and coalesce(sums.charge_class, '') <> 'Correction'
        and not sums.is_explanation
        and bought.cost_line_id is null
        and coalesce(
            sums.billing_month <= {{ month_of('sums.charge_date') }}
            or not bool_or(sums.is_usage and sums.billing_month = {{ month_of('sums.charge_date') }}) over (
                partition by sums.source, sums.bill_vendor, sums.billing_account_id, sums.billing_month
            ), true
        ) as is_shown
    from {{ ref('int_charge_sums') }} as sums
    left join {{ ref('int_commitment_charges') }} as bought
        on sums.charge_date = bought.charge_date and sums.purchase_line_id = bought.cost_line_id

),

named as (

    select distinct {{ comma_list(['vendor', 'source', 'valid_from', 'valid_to']) }}
    from {{ ref('stg_company__billing_sources') }}

),

-- Rules that divide a bill by what ran on clusters say that it is of their nodes.
ruled as (

    select distinct sums.month
    from sums
    inner join {{ ref('stg_company__allocation_rules') }} as rules
        on {{ is_cluster_driver('rules.driver') }} and {{ is_valid('rules', 'sums.month') }}

),

ranked as (

    -- What billing_sources names comes before all else.
    select
        sums.*,
        coalesce(bool_or(sums.names_nodes and ruled.month is null) over (partition by {{ comma_list(book, 'sums') }}, sums.month), false)
            as is_told_by_node,
        case
            when named.vendor is not null then 0
            {% for book in books_in_order() -%}
                when sums.book = '{{ book }}' then {{ loop.index }}
            {% endfor -%}
        end as book_rank
    from sums
    left join named on sums.vendor = named.vendor and sums.source = named.source and {{ is_valid('named', 'sums.month') }}
    left join ruled on sums.month = ruled.month

),

books as (

    select
        {{ comma_list(book + ['seats_of', 'month', 'book_rank', 'is_told_by_node']) }},
        count(seat_service) > 0 as has_seats
    from ranked
    group by all

),

-- What a bill shows, it shows until the last day that it is for: an invoice of a quarter, of each of its months.
shown as (

    select
        {{ comma_list(book + ['month', 'book_rank', 'is_usage', 'seat_service', 'seat_words', 'is_told_by_node', 'node_cluster']) }},
        max(coalesce(last_charge_date, charge_date)) as last_charge_date
    from ranked
    where is_shown
    group by all

),

compared as (

    select
        ours.*,
        {{ first_known('theirs.source', '(theirs.book_rank, theirs.source)') }} as record_source
    from books as ours
    left join shown as theirs
        on {{ is_month_of('ours', 'theirs') }} and {{ is_shown_by('ours', 'theirs') }}
    group by all

)

select
    {{ comma_list(book) }},
    {{ comma_list(['seats_of', 'book_rank', 'is_told_by_node', 'has_seats']) }},
    month as valid_from,
    cast(month + interval '1' month as date) as valid_to,
    record_source is null as is_record,
    record_source
from compared
