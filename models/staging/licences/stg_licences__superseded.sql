{{ superseded('licences', 'vendor', 'period_start') }}
