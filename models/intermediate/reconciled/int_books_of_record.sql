{{ config(materialized='table', meta={'fingerprint': 'validity'}) }}

-- Of a vendor's money in a month that several sources show, one is the ledger's; the others explain it and add nothing.
with sums as (

    -- What a balance was bought with does not show the usage that draws on it.
    select
        sums.*,
        bought.cost_line_id is not null as is_ahead
    from {{ ref('int_charge_sums') }} as sums
    left join {{ ref('int_commitment_charges') }} as bought
        on sums.charge_date = bought.charge_date and sums.purchase_line_id = bought.cost_line_id

),

books as (

    select
        source,
        book,
        vendor,
        bill_vendor,
        billing_account_id,
        {{ month_of('charge_date') }} as month,
        -- Corrections of an earlier bill come with a later one: they do not show what that earlier bill was.
        count(*) filter (
            where
            charge_category in ('Usage', 'Purchase')
            and charge_class is distinct from 'Correction'
            and not is_explanation
            and not is_ahead
        ) > 0 as has_charges
    from sums
    group by all

),

named as (

    select distinct
        vendor,
        source,
        valid_from,
        valid_to
    from {{ ref('stg_company__billing_sources') }}

),

ranked as (

    -- What billing_sources names comes before all else.
    select
        books.*,
        case
            when named.vendor is not null then 0
            {% for book in books_in_order() -%}
                when books.book = '{{ book }}' then {{ loop.index }}
            {% endfor -%}
        end as book_rank
    from books
    left join named on books.vendor = named.vendor and books.source = named.source and {{ is_valid('named', 'books.month') }}

),

compared as (

    -- Clouds bill by account: two bills of different accounts are different money. Pods run on a cloud's nodes.
    select
        ours.*,
        {{ first_known('theirs.source', '(theirs.book_rank, theirs.source)') }} as record_source
    from ranked as ours
    left join ranked as theirs
        on
            ours.month = theirs.month
            and ours.vendor <> '(unknown)'
            and theirs.has_charges
            and ours.source <> theirs.source
            and ours.book_rank > theirs.book_rank
            and (
                ours.vendor = theirs.vendor
                or ours.vendor = theirs.bill_vendor
                or (ours.book = 'platform' and theirs.book in ('cloud_bill', 'native_bill'))
            )
            and (
                ours.book not in ('cloud_bill', 'native_bill')
                or theirs.book not in ('cloud_bill', 'native_bill')
                or ours.billing_account_id = theirs.billing_account_id
            )
    group by all

)

select
    source,
    book,
    vendor,
    bill_vendor,
    billing_account_id,
    month as valid_from,
    cast(month + interval '1' month as date) as valid_to,
    record_source is null as is_record,
    record_source
from compared
