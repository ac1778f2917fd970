{{ duplicates('invoices', ['vendor', 'invoice_id', 'line_key'], 'invoice_date desc', ref('stg_invoices__numbered')) }}
