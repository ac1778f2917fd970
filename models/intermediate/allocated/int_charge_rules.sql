-- The rule that each invoiced charge falls under: its own tags, then the usage that it bills, then the company's rules.
with lines as (

    select * from {{ ref('int_cost_lines') }}
    where cost_status = 'invoiced'

),

matched as (

    select
        lines.charge_date,
        lines.cost_line_id,
        rules.rule_id,
        rules.method,
        rules.driver,
        row_number() over (partition by lines.charge_date, lines.cost_line_id order by rules.priority, rules.rule_id) as choice
    from lines
    inner join {{ ref('stg_company__allocation_rules') }} as rules
        on
            lines.provider = coalesce(rules.provider, lines.provider)
            and lines.service = coalesce(rules.service, lines.service)
            and lines.charge_category = coalesce(rules.charge_category, lines.charge_category)
            and {{ is_valid('rules', 'lines.charge_date') }}

)

select
    lines.*,
    case
        when {{ has_target('lines') }} then 'own-tags'
        when sources.vendor is not null then 'usage-of-' || sources.vendor
        else coalesce(matched.rule_id, 'no-rule')
    end as rule_id,
    case
        when {{ has_target('lines') }} then 'direct'
        when sources.vendor is not null then 'usage'
        else coalesce(matched.method, 'none')
    end as method,
    case when sources.vendor is not null then 'calls_cost' else coalesce(matched.driver, 'calls_cost') end as driver,
    coalesce(sources.vendor, '(all)') as driver_vendor
from lines
left join {{ ref('stg_company__billing_sources') }} as sources
    on
        lines.source = sources.source
        and lines.provider = sources.bill_provider
        and lines.service = sources.bill_service
        and lines.charge_category = 'Usage'
        and {{ is_valid('sources', 'lines.charge_date') }}
left join matched on lines.charge_date = matched.charge_date and lines.cost_line_id = matched.cost_line_id and matched.choice = 1
