with repeated as (

    {{ duplicates('invoices', ['vendor_key', 'invoice_id', 'told_key'], 'invoice_date desc', ref('stg_invoices__numbered')) }}

)

{%- set kept = ['row_date', 'source', 'file_hash', 'file_row', 'is_conflict'] %}
select {{ comma_list(kept) }}
from repeated
union all
select {{ comma_list(kept) }}
from {{ ref('stg_invoices__replaced') }}
