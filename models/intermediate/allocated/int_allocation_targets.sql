with listed as (

    select
        rule_id || '|' || coalesce(cast(valid_from as varchar), '') as rule_key,
        valid_from,
        valid_to,
        cast(null as varchar) as reason,
        {{ split_text('targets', ';') }} as target
    from {{ ref('stg_company__allocation_rules') }}
    where method in ('direct', 'fixed_split', 'even')

),

weighed as (

    select
        rule_key,
        valid_from,
        valid_to,
        reason,
        {{ matched_group('target', '^(.*?)(?::[ ]*[0-9.]+[ ]*)?$', 1) }} as target,
        cast(coalesce({{ matched_group('target', ':[ ]*([0-9.]+)[ ]*$', 1) }}, '1') as {{ money() }}) as weight
    from listed

)

select
    rule_key,
    valid_from,
    valid_to,
    reason,
    {% for target in allocation_targets() -%}
        {{ named_target('target', target) }} as {{ target_column(target) }},
    {% endfor -%}
    weight
from weighed
where trim(target) <> ''
union all
-- The method none gives to nobody, and says why.
select
    rule_id || '|' || coalesce(cast(valid_from as varchar), '') as rule_key,
    valid_from,
    valid_to,
    'rule ' || rule_id || coalesce(': ' || reason, '') as reason,
    {% for column in target_columns() -%}
        '(unallocated)' as {{ column }},
    {% endfor -%}
    1 as weight
from {{ ref('stg_company__allocation_rules') }}
where method = 'none'
