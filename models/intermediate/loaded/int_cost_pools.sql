{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- What is allocated, by day and kind: a part of several days evenly over these.
{%- set amounts = ['billed_cost_usd', 'effective_cost_usd'] %}
with parts as (

    select
        parts.charge_date,
        parts.cost_line_id,
        case when {{ is_on_calls('parts') }} then 'calls' else {{ cost_kind('parts', 'lines') }} end as cost_kind,
        {{ targets('parts') }},
        {{ target_key('parts') }} || '|' || parts.rule_path || '|' || parts.part || '|' || parts.part_from || '|' || parts.part_to
            as part_id,
        parts.part_from,
        parts.part_to,
        cast(sum(parts.billed_cost_usd) as {{ money() }}) as billed_cost_usd,
        cast(sum(parts.effective_cost_usd) as {{ money() }}) as effective_cost_usd
    from {{ ref('int_ledger_parts') }} as parts
    inner join {{ ref('int_cost_lines') }} as lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
    group by all

),

weighed as (

    select
        parts.*,
        days.call_date,
        1 as weight
    from parts,
        {{ each_day('parts.part_from', 'parts.part_to', 'days', 'call_date') }}
    where parts.part_from < parts.part_to

),

{{ exact_ctes(
    'weighed', 'divided', 'charge_date, cost_line_id, cost_kind, part_id', 'call_date', ['call_date'] + target_columns(), amounts
) }},

daily as (

    select {{ comma_list(['call_date', 'cost_kind'] + target_columns() + amounts) }} from divided
    union all
    select {{ comma_list(['part_from as call_date', 'cost_kind'] + target_columns() + amounts) }} from parts
    where part_from = part_to

)

select
    call_date,
    cost_kind,
    {{ targets() }},
    cast(sum(effective_cost_usd) as {{ money() }}) as cost_usd
from daily
where effective_cost_usd is not null
group by all
union all
select
    call_date,
    case cost_kind when 'calls' then 'billed' else 'billed_other' end as cost_kind,
    {{ targets() }},
    cast(sum(billed_cost_usd) as {{ money() }}) as cost_usd
from daily
where billed_cost_usd is not null and cost_kind in ('calls', 'ai')
group by all
