-- What of the ledger nobody bears for another reason than that a key's calls name nobody: that usage is priced call by call.
{%- set margin_targets = {'customer': 'customer_id', 'feature': 'feature'} %}
with parts as (

    -- As core.fct_allocated_costs has them.
    {{ parts_together(['effective_cost_usd'], "'(unallocated)' in (customer_id, feature)") }}

),

others as (

    select
        parts.*,
        {{ unallocated_reason('parts') }}
        || case when parts.effective_cost_usd is null then ' (no exchange rate)' else '' end as unallocated_reason,
        -- That nobody bears it is a rule's word: it moves nothing.
        {{ may_move_a_margin() }} and (parts.method <> 'none' or parts.rule_id = 'no-rule') as is_moving
    from parts
    where parts.reason is not null or parts.method <> 'usage' or not {{ is_on_calls('parts') }}

)

{% for moved_type, column in margin_targets.items() -%}
    select
        lines.usage_month as month,
        '{{ moved_type }}' as moved_type,
        others.unallocated_reason,
        cast(sum(others.effective_cost_usd) as {{ money() }}) as cost_usd,
        case
            when count(others.effective_cost_usd) > 0
                then cast(coalesce(sum(others.effective_cost_usd) filter (where others.is_moving), 0) as {{ money() }})
        end as moving_cost_usd
    from others
    inner join {{ ref('int_cost_lines') }} as lines on others.charge_date = lines.charge_date and others.cost_line_id = lines.cost_line_id
    where others.{{ column }} = '(unallocated)'
    group by lines.usage_month, others.unallocated_reason
    having sum(others.effective_cost_usd) is distinct from 0
    {{ 'union all' if not loop.last }}
{% endfor %}
