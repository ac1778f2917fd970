-- What a newer file says anew of an invoice, however its vendor's name is capitalised. Lines without numbers cannot be told apart, so
-- that the newest file stands for the whole invoice; a line with one may have got another period.
with lines as (

    select
        lines.*,
        lower(trim(lines.vendor)) as vendor_key,
        files.first_seen_at,
        concat_ws('|', lines.day, lines.service, lines.description, cast(lines.amount as varchar), lines.currency) as line_text
    from {{ source('raw', 'invoices') }} as lines
    inner join {{ source('raw', 'files') }} as files on files.source = 'invoices' and lines._file_hash = files.file_hash

),

newest as (

    select
        *,
        max(first_seen_at) over (partition by vendor_key, invoice_id) as newest_at,
        max(case when line is null then first_seen_at end) over (partition by vendor_key, invoice_id) as whole_at,
        first_value(_file_hash) over (
            partition by vendor_key, invoice_id, line
            order by coalesce(invoice_date, date '1970-01-01') desc, first_seen_at desc, _file_hash asc
        ) as newest_hash
    from lines

),

compared as (

    select
        *,
        count(case when _file_hash = newest_hash then 1 end) over (partition by vendor_key, invoice_id, line, day) = 0 as is_elsewhere,
        count(case when first_seen_at = newest_at then 1 end) over (partition by vendor_key, invoice_id, line_text) = 0 as is_changed
    from newest

)

select
    day as row_date,
    'invoices' as source,
    _file_hash as file_hash,
    _row as file_row,
    is_changed as is_conflict
from compared
where first_seen_at < case when line is null then newest_at else whole_at end or (line is not null and is_elsewhere)
