{{ config(materialized='table') }}

-- Promotional credits inside lines of usage, which Google Cloud's export nets there and tells by their type.
select
    charge_date,
    cost_line_id,
    -credits['PROMOTION'] as credit
from {{ ref('stg_gcp_billing__cost_lines') }}
where charge_category = 'Usage' and credits['PROMOTION'] <> 0
