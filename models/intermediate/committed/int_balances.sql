-- Balances in the order in which they are drawn: what expires first goes first.
select
    *,
    row_number() over (
        partition by vendor, billing_currency order by coalesce(ends_on, date '9999-12-31'), valid_from, commitment_id
    ) as turn
from {{ ref('int_commitments') }}
where kind in ('prepaid', 'promotional_credit')
