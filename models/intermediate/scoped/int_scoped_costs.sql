{{ config(materialized='days', day='charge_date') }}

with lines as (

    select
        lines.*,
        seats.ai_share as told_ai_share
    from {{ ref('int_cost_lines') }} as lines
    left join {{ ref('stg_licences__charges') }} as seats
        on lines.cost_line_id = seats.cost_line_id and lines.charge_date = seats.charge_date and {{ in_days('seats.charge_date') }}
    where {{ in_days('lines.charge_date') }}

),

decided as (

    -- The first rule that is about a charge decides, also where it leaves the share to the list of seats and that is silent.
    select
        lines.*,
        rules.rule_key as scope_rule,
        rules.category,
        rules.purpose,
        cast(coalesce(rules.ai_share, case when rules.priority is not null then lines.told_ai_share end) as decimal(7, 6)) as ai_share
    from lines
    left join {{ ref('int_ai_rules') }} as rules on {{ scope_is_about('rules', 'lines') }}
    qualify row_number() over (partition by lines.cost_line_id order by rules.priority asc nulls last, rules.rule_key asc) = 1

)

{% for scope, condition in [('ai', 'ai_share > 0'), ('not_ai', 'ai_share < 1'), ('undecided', 'ai_share is null')] -%}
    select
        charge_date,
        cost_line_id,
        usage_month,
        vendor,
        cost_status,
        billing_currency,
        '{{ scope }}' as scope,
        scope_rule,
        {{ 'category' if scope == 'ai' else 'cast(null as varchar)' }} as category,
        {{ 'purpose' if scope == 'ai' else 'cast(null as varchar)' }} as purpose,
        {% for cost in ['effective_cost', 'billed_cost_usd', 'effective_cost_usd'] -%}
            {{ scoped_part(cost, scope) }} as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from decided
    where {{ condition }}
    {{ 'union all' if not loop.last }}
{% endfor %}
