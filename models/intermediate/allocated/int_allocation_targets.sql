with listed as (

    select
        rule_id || '|' || coalesce(cast(valid_from as varchar), '') as rule_key,
        valid_from,
        valid_to,
        {{ split_text('targets', ';') }} as target
    from {{ ref('stg_company__allocation_rules') }}
    where method in ('direct', 'fixed_split', 'even')

),

weighed as (

    select
        rule_key,
        valid_from,
        valid_to,
        {{ matched_group('target', '^(.*?)(?::[ ]*[0-9.]+[ ]*)?$', 1) }} as target,
        cast(coalesce({{ matched_group('target', ':[ ]*([0-9.]+)[ ]*$', 1) }}, '1') as {{ money() }}) as weight
    from listed

)

select
    rule_key,
    valid_from,
    valid_to,
    {% for target in allocation_targets() -%}
        {{ named_target('target', target) }} as {{ target_column(target) }},
    {% endfor -%}
    weight
from weighed
where trim(target) <> ''
