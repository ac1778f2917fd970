{{ config(materialized='days', day='charge_date', day_map='int_charge_day_map', meta={'fingerprint': 'content'}) }}
-- depends_on: {{ ref('int_charge_day_map') }}

-- What is direct, by whose it is and how long it runs; nothing where no rule follows it.
select
    charge_date,
    part_from,
    part_to,
    {{ targets() }},
    cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost_usd
from {{ ref('int_claimed_parts') }}
where part = 'direct' and method <> 'none' and {{ is_followed('cost_share') | lower }} and {{ in_days('charge_date') }}
group by all
