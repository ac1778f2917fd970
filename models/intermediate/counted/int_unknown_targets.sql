-- To whom a rule of the company gives, and who is neither in the company's own list nor named by a call or a charge: it may be a slip.
{%- set lists = {
    'team': (ref('stg_company__org_hierarchy'), 'team'), 'workflow': (ref('stg_company__workflows'), 'workflow'),
    'customer': (ref('int_customers'), 'customer_id'),
} %}
with given as (

    {% for target in lists -%}
        select
            rule_key,
            valid_from,
            valid_to,
            '{{ target }}' as target_type,
            {{ target_column(target) }} as target
        from {{ ref('int_allocation_targets') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

known as (

    {% for target, (list, column) in lists.items() -%}
        select
            '{{ target }}' as target_type,
            {{ column }} as target
        from {{ list }}
        union
        {% for named in [ref('int_usage_daily'), ref('int_cost_lines')] -%}
            select
                '{{ target }}' as target_type,
                {{ target_column(target) }} as target
            from {{ named }}
            {{ 'union' if not loop.last }}
        {% endfor -%}
        {{ 'union' if not loop.last }}
    {% endfor %}

),

period as (

    select
        min(charge_date) as first_date,
        max(charge_date) as last_date
    from {{ ref('int_cost_lines') }}

)

select distinct
    rules.rule_id || ': ' || given.target_type || '=' || given.target as subject,
    greatest(coalesce(given.valid_from, period.first_date), period.first_date) as finding_date
from given
inner join {{ ref('int_allocation_rules') }} as rules on given.rule_key = rules.rule_key
inner join period
    on
        coalesce(given.valid_from, period.last_date) <= period.last_date
        and (given.valid_to is null or given.valid_to > period.first_date)
left join known on given.target_type = known.target_type and given.target = known.target
where known.target is null and given.target not like '(%'
