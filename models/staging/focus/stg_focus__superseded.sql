{{ superseded('focus', 'BillingAccountId', 'BillingPeriodStart') }}
