-- The rule that each invoiced charge falls under: its own tags, then the usage that it bills, then the company's rules.
with lines as (

    select * from {{ ref('int_cost_lines') }}
    where source <> 'metered'

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

),

reconciled as (

    -- Usage that is spread over the buckets that it pays for, and with these over the calls in them.
    select distinct
        charge_date,
        cost_line_id
    from {{ ref('int_line_parts') }}

),

unlogged as (

    -- What a line bills of a model's usage that neither a log nor a report has: nobody else pays for it.
    select distinct
        charge_date,
        cost_line_id
    from {{ ref('int_line_causes') }}
    where cause = 'missing_log'

),

metered as (

    -- Any other usage of a vendor whose calls are known is spread over those; what is unused no call used.
    select distinct
        lines.charge_date,
        lines.cost_line_id,
        lines.vendor
    from lines
    inner join {{ ref('int_allocation_drivers') }} as drivers
        on
            lines.vendor = drivers.vendor
            and drivers.call_date between lines.charge_date
            and {{ last_day_of('lines.charge_period_start', 'lines.charge_period_end') }}
    where lines.charge_category = 'Usage' and lines.commitment_discount_status is distinct from 'Unused'

)

select
    lines.*,
    case
        when {{ has_target('lines') }} then 'own-tags'
        when provisioned.commitment_id is not null then 'own-usage'
        when reconciled.cost_line_id is null and unlogged.cost_line_id is not null then 'unlogged-usage'
        when coalesce(reconciled.cost_line_id, metered.cost_line_id) is not null then 'usage-of-' || lines.vendor
        else coalesce(matched.rule_id, 'no-rule')
    end as rule_id,
    case
        when {{ has_target('lines') }} then 'direct'
        when provisioned.commitment_id is not null then 'provisioned'
        when reconciled.cost_line_id is not null then 'reconciled'
        when unlogged.cost_line_id is not null then 'unlogged'
        when metered.vendor is not null then 'usage'
        else coalesce(matched.method, 'none')
    end as method,
    case when metered.vendor is not null then 'calls_cost' else coalesce(matched.driver, 'calls_cost') end as driver,
    coalesce(metered.vendor, '(all)') as driver_vendor
from lines
left join reconciled on lines.charge_date = reconciled.charge_date and lines.cost_line_id = reconciled.cost_line_id
left join unlogged on lines.charge_date = unlogged.charge_date and lines.cost_line_id = unlogged.cost_line_id
left join metered on lines.charge_date = metered.charge_date and lines.cost_line_id = metered.cost_line_id
left join {{ ref('int_provisioned_use') }} as provisioned
    on
        lines.source = 'commitments'
        and lines.charge_date = provisioned.charge_date
        and lines.commitment_discount_id = provisioned.commitment_id
        and lines.commitment_discount_status = 'Used'
        and provisioned.commitment_discount_status = 'Used'
left join matched on lines.charge_date = matched.charge_date and lines.cost_line_id = matched.cost_line_id and matched.choice = 1
