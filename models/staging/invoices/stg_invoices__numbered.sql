-- A line without a number is told apart by what it says and, among equal ones of a file, by its place: two stay two, and the
-- same file's lines in another file are the same.
with source as (

    select * from {{ source('raw', 'invoices') }}

),

counted_once as (

    {{ counted_once(ref('stg_invoices__replaced')) }}

),

told as (

    select
        *,
        lower(trim(vendor)) as vendor_key,
        md5({{ source_columns_text('invoices') }}) as line_text
    from counted_once

)

select
    *,
    coalesce(
        line, line_text || '|' || row_number() over (partition by day, _file_hash, line_text order by _row)
    ) as line_key
from told
