-- A charge that no book of a vendor and month holds would be lost from the ledger in silence.
select sums.*
from {{ ref('int_charge_sums') }} as sums
left join {{ ref('int_books_of_record') }} as books
    on
        sums.source = books.source
        and sums.vendor = books.vendor
        and sums.bill_vendor = books.bill_vendor
        and sums.billing_account_id = books.billing_account_id
        and {{ is_valid('books', 'sums.charge_date') }}
where books.source is null
