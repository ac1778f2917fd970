{{ config(materialized='days', day='charge_date', meta={'fingerprint': 'content'}) }}

-- The names of nodes once a day, so that what is billed for a month need not read each pod of it.
select distinct
    charge_date,
    cluster, -- noqa: RF04
    node_name
from {{ ref('int_node_names') }}
where {{ in_days('charge_date') }}
