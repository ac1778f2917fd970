{{ superseded('aws_cur', 'bill_payer_account_id', 'bill_billing_period_start_date') }}
