-- A charge that no book of a vendor and month holds would be lost from the ledger in silence.
select sums.*
from {{ ref('int_charge_sums') }} as sums
left join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
where books.source is null
