{{ config(materialized='days', day='charge_date', day_map='int_taxed_charges') }}
-- depends_on: {{ ref('int_taxed_charges') }}

-- Tax that no target of its own and no rule claims follows the charges that it is on, by what is billed of them; tax that is paid back
-- follows what the bill takes back, where there is something.
{%- set place = target_columns() + ['part', 'part_from', 'part_to', 'place_from'] %}
with taxes as (

    select
        charges.charge_date,
        charges.cost_line_id,
        charges.rule_id,
        {{ bill_key('charges') }} as bill_key,
        charges.billed_cost < 0 as is_paid_back,
        cast(1 as {{ money() }}) as allocation_ratio,
        {{ comma_list(cost_columns(), 'charges') }}
    from {{ ref('int_charge_rules') }} as charges
    where charges.method = 'taxed' and {{ in_days('charges.charge_date') }}

),

taxed_days as (

    select distinct read_day
    from {{ ref('int_taxed_charges') }}
    where {{ in_days('day') }}

),

taxed as (

    select
        {{ bill_key('lines') }} as bill_key,
        lines.billed_cost < 0 as is_taken_back,
        {{ comma_list(place, 'parts') }},
        min(parts.reason) as reason,
        abs(sum(parts.billed_cost)) as weight
    from taxed_days
    inner join {{ ref('int_allocated_parts') }} as parts on taxed_days.read_day = parts.charge_date
    inner join {{ ref('int_cost_lines') }} as lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
    where {{ is_taxed('lines') }}
    group by all

),

kinds as (

    select
        *,
        bool_or(is_taken_back) over (partition by bill_key) as has_taken_back,
        bool_and(is_taken_back) over (partition by bill_key) as has_no_other
    from taxed

),

weighed as (

    select
        taxes.*,
        {{ comma_list(place + ['reason', 'weight'], 'kinds') }}
    from taxes
    inner join kinds
        on
            taxes.bill_key = kinds.bill_key
            and kinds.is_taken_back = case when taxes.is_paid_back then kinds.has_taken_back else kinds.has_no_other end
    where kinds.weight > 0

),

{{ exact_ctes(
    'weighed', 'divided', 'charge_date, cost_line_id', target_key() ~ " || '|' || part || '|' || part_from || '|' || part_to",
    place + ['rule_id', 'reason']
) }}

select
    {{ comma_list(part_columns() | reject('in', ['rule_path', 'method', 'driver'] + allocated_amounts())) }},
    rule_id as rule_path,
    'cost_share' as method,
    cast(null as varchar) as driver,
    {{ comma_list(allocated_amounts()) }},
    place_from,
    {{ cost_class('charge_date') }} as cost_class
from divided
