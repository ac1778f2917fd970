{{ superseded('gcp_billing', 'billing_account_id', 'invoice_month') }}
