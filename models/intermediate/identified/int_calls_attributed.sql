-- What no tag names, the owner of the key does; what neither names, the workflow's own row does.
{%- set owners = ['environment', 'team', 'product'] %}
{%- set by_workflow = {'team': 'workflows.owner', 'product': 'workflows.product'} %}
select
    {{ call_columns('calls') }},
    {% for target in owners -%}
        coalesce(
            calls.{{ target }}, by_key.{{ target }}, by_alias.{{ target }}{% if by_workflow[target] %}, {{ by_workflow[target] }}{% endif %}
        ) as {{ target }},
    {% endfor -%}
    coalesce(calls.feature, workflows.feature) as feature,
    calls.workflow,
    coalesce(aliases.customer_id, calls.customer_id, case when workflows.is_internal then '(internal)' end) as customer_id,
    {% for target in owners -%}
        case
            when calls.{{ target }} is not null then calls.{{ target }}_attributed_by
            when coalesce(by_key.{{ target }}, by_alias.{{ target }}) is not null then 'api_keys'
            {% if by_workflow[target] -%}
                when {{ by_workflow[target] }} is not null then 'workflows'
            {% endif -%}
        end as {{ target }}_attributed_by,
    {% endfor -%}
    coalesce(calls.feature_attributed_by, case when workflows.feature is not null then 'workflows' end) as feature_attributed_by,
    calls.workflow_attributed_by,
    case
        when aliases.customer_id is not null then calls.customer_attributed_by || ', customer_aliases'
        when calls.customer_id is not null then calls.customer_attributed_by
        when workflows.is_internal then 'workflows'
    end as customer_attributed_by,
    calls.prompt_version_attributed_by,
    calls.user_attributed_by
from {{ ref('int_call_sightings') }} as calls
left join {{ ref('int_key_owners') }} as by_key
    on calls.source = by_key.source and calls.api_key = by_key.api_key and {{ is_valid('by_key', 'calls.call_date') }}
left join {{ ref('int_key_owners') }} as by_alias
    on
        calls.source = by_alias.source
        and calls.api_key_alias = by_alias.api_key
        and {{ is_valid('by_alias', 'calls.call_date') }}
left join {{ ref('stg_company__customer_aliases') }} as aliases
    on
        calls.source = aliases.source
        and calls.customer_id = aliases.source_customer_id
        and {{ is_valid('aliases', 'calls.call_date') }}
left join {{ ref('stg_company__workflows') }} as workflows on calls.workflow = workflows.workflow
