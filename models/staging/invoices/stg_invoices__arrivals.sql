select
    lower(trim(lines.vendor)) as vendor_key,
    lines.invoice_id,
    min(files.first_seen_at) as first_seen_at
from {{ source('raw', 'invoices') }} as lines
inner join {{ source('raw', 'files') }} as files on files.source = 'invoices' and lines._file_hash = files.file_hash
group by lower(trim(lines.vendor)), lines.invoice_id
