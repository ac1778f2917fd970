-- Whose usage it is, the owner of the key or of the project says: a vendor's report has no tags of ours.
{%- set owned = ['environment', 'team', 'product'] %}
with usage as (

    {% for model in models_of('usage').values() -%}
        select
            {{ usage_columns() }},
            {{ targets() }}
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
    usage.customer_id
from usage
left join {{ ref('int_key_owners') }} as by_key
    on usage.source = by_key.source and usage.api_key = by_key.api_key and {{ is_valid('by_key', 'usage.usage_date') }}
left join {{ ref('int_key_owners') }} as by_project
    on usage.source = by_project.source and usage.project = by_project.api_key and {{ is_valid('by_project', 'usage.usage_date') }}
