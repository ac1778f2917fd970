{%- set bearer = ['usage_month', 'legal_entity', 'cost_centre', 'statement_kind', 'team', 'part', 'cost_status'] %}
{%- set columns = ['statement_id', 'statement_month'] + bearer + [
    'reason', 'rule_version', 'status', 'reporting_currency', 'reporting_gap', 'amount_usd', 'billed_cost_usd', 'reporting_amount',
] %}
with known as (

    -- A team bears a day's costs where it stood in the books on that day, whenever the bill of that day begins.
    select
        allocated.usage_month,
        coalesce(places.legal_entity, '(unassigned)') as legal_entity,
        coalesce(places.cost_centre, '(unassigned)') as cost_centre,
        coalesce(places.statement_kind, 'showback') as statement_kind,
        allocated.team,
        allocated.part,
        allocated.cost_status,
        sum(allocated.effective_cost_usd) as amount_usd,
        sum(allocated.billed_cost_usd) as billed_cost_usd,
        false as is_fx
    from {{ ref('fct_allocated_costs') }} as allocated
    left join {{ ref('int_team_places') }} as places on allocated.team = places.team and {{ is_valid('places', 'allocated.part_from') }}
    group by all

),

known_and_issued as (

    select * from known
    union all
    select
        {{ comma_list(bearer) }},
        -amount_usd as amount_usd,
        -billed_cost_usd as billed_cost_usd,
        coalesce(reason = 'fx', false) as is_fx
    from {{ ref('int_issued_lines') }}
    union all
    select {{ comma_list(bearer + ['amount_usd', 'billed_cost_usd', 'is_fx']) }} from {{ ref('int_fx_parts') }}

),

closed as (

    select coalesce(max(statement_month), date '1900-01-01') as last_month
    from {{ ref('int_issued_lines') }}

),

drafted as (

    -- Of an open month what is known; of a closed one what is known less what was issued, in the first open month.
    select
        greatest(borne.usage_month, cast(closed.last_month + interval '1' month as date)) as statement_month,
        {% for column in bearer if column != 'part' -%}
            borne.{{ column }},
        {% endfor -%}
        case when borne.usage_month > closed.last_month then borne.part else 'adjustment' end as part,
        borne.is_fx,
        cast(sum(borne.amount_usd) as {{ money() }}) as amount_usd,
        cast(sum(borne.billed_cost_usd) as {{ money() }}) as billed_cost_usd
    from known_and_issued as borne
    cross join closed
    group by all
    having
        max(borne.usage_month) > max(closed.last_month)
        or coalesce(sum(borne.amount_usd), 0) <> 0
        or coalesce(sum(borne.billed_cost_usd), 0) <> 0

),

drafts as (

    select
        md5(
            drafted.statement_month || '|' || {{ bearer | join(" || '|' || ") }} || case when drafted.is_fx then '|fx' else '' end
        ) as statement_id,
        drafted.statement_month,
        {{ comma_list(bearer, 'drafted') }},
        case
            when drafted.part <> 'adjustment' then null
            when drafted.is_fx then 'fx'
            when sum(drafted.amount_usd) over of_all = 0 or sum(drafted.amount_usd) over of_the_team = 0 then 'reallocated'
            when drafted.cost_status = 'accrued' and sum(drafted.amount_usd) over of_all = learnt.learnt_usd then 'price_known_later'
            when drafted.cost_status = 'accrued' and drafted.amount_usd < 0 then 'reversed_accrual'
            when drafted.cost_status = 'accrued' then 'late_usage'
            else 'late_charge'
        end as reason,
        rules.rule_version,
        'draft' as status,
        {{ currency_of(quoted(var('reporting_currency'))) }} as reporting_currency,
        case when rates.usd_per_unit is null then 'fx_rates has no rate of the last day of the month' end as reporting_gap,
        drafted.amount_usd,
        drafted.billed_cost_usd,
        {{ at_rate('drafted.amount_usd', 'rates.usd_per_unit') }} as reporting_amount
    from drafted
    cross join {{ ref('int_rule_version') }} as rules
    left join {{ ref('int_learnt_prices') }} as learnt on drafted.usage_month = learnt.month
    left join {{ ref('int_reporting_rates') }} as rates
        on {{ is_valid('rates', "cast(drafted.statement_month + interval '1' month - interval '1' day as date)") }}
    window
        of_all as (partition by drafted.usage_month, drafted.cost_status, drafted.is_fx),
        of_the_team as (partition by drafted.usage_month, drafted.cost_status, drafted.is_fx, drafted.team)

)

select {{ comma_list(columns) }} from {{ ref('int_issued_lines') }}
union all
select {{ comma_list(columns) }} from drafts
