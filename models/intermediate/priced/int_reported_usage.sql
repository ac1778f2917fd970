-- Whose usage it is, the owner of the key or of the project says: a vendor's report has no tags of ours.
{%- set owned = ['environment', 'team', 'product'] %}
with usage as (

    {% for model in models_of('usage').values() -%}
        select
            {{ usage_columns() }},
            {{ targets() }},
            {{ comma_list(attributed_by_columns(allocation_targets())) }}
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    {{ usage_columns('usage') }},
    {{ has_token_mismatch('usage') }} as has_token_mismatch,
    {% for target in owned -%}
        coalesce(usage.{{ target }}, by_key.{{ target }}, by_project.{{ target }}) as {{ target }},
    {% endfor -%}
    usage.feature,
    usage.workflow,
    usage.customer_id,
    {% for target in owned -%}
        case
            when usage.{{ target }} is not null then usage.{{ target }}_attributed_by
            when coalesce(by_key.{{ target }}, by_project.{{ target }}) is not null then 'api_keys'
        end as {{ target }}_attributed_by,
    {% endfor -%}
    usage.feature_attributed_by,
    usage.workflow_attributed_by,
    usage.customer_attributed_by
from usage
left join {{ ref('int_key_owners') }} as by_key
    on usage.source = by_key.source and usage.api_key = by_key.api_key and {{ is_valid('by_key', 'usage.usage_date') }}
left join {{ ref('int_key_owners') }} as by_project
    on usage.source = by_project.source and usage.project = by_project.api_key and {{ is_valid('by_project', 'usage.usage_date') }}
