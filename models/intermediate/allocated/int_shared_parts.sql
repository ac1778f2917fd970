-- What nothing claims and a rule of the company shares.
with taken as (

    {{ charges_by_rule("method in ('usage', 'cost_share', 'even', 'fixed_split')", 'shared') }}

),

drivers as (

    select * from {{ ref('int_usage_drivers') }}
    union all
    select * from {{ ref('int_driver_days') }}

),

{{ divided_by_rules('taken', 'parts', 'drivers', ref('int_unseen_nodes')) }}

select * from parts
