-- The usage that a charge bills without a count of its own: the vendor's calls of each day of the charge bear it.
with taken as (

    {{ charges_by_rule("method = 'measured'", 'direct') }}

),

{{ divided_by_rules('taken', 'parts', ref('int_usage_drivers')) }}

select * from parts
