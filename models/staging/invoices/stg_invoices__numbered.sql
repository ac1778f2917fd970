-- A line without a number is told apart by what it says and, among equal ones of a file, by its place: two stay two, and the
-- same file's lines in another file are the same, however the vendor's name is capitalised in each.
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
        md5({{ source_columns_text('invoices') }}) as line_text,
        md5({{ source_columns_text('invoices', without=['vendor']) }}) as told_text
    from counted_once

),

counted as (

    select
        *,
        row_number() over (partition by day, _file_hash, vendor_key, told_text order by _row) as copy_number
    from told

)

select
    *,
    coalesce(line, line_text || '|' || copy_number) as line_key,
    coalesce(line, told_text || '|' || copy_number) as told_key
from counted
