{{ config(materialized='days', day='charge_date', meta={'fingerprint': 'content'}) }}

-- OpenCost's windows of more than a day, such as a week asked for at once.
select {{ comma_list(['charge_date', 'cost_line_id', 'charge_period_start', 'charge_period_end'] + pod_columns() + pod_amounts()) }}
from {{ ref('stg_opencost__allocations') }}
where charge_period_end > charge_period_start + interval '1' day and {{ in_days('charge_date') }}
