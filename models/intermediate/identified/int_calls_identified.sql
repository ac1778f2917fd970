-- The targets of staged calls follow these rows: depends_on: {{ ref('stg_company__attribution_keys') }}
with calls as (

    {% for models in call_sources().values() -%}
        select
            {{ call_columns() }},
            {{ target_columns() | join(', ') }}
        from {{ ref(models.calls) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

attributed as (

    -- What no tag names, the owner of the key does; what neither names, the workflow's own row does.
    select
        {{ call_columns('calls') }},
        coalesce(calls.environment, by_key.environment, by_alias.environment) as environment,
        coalesce(calls.team, by_key.team, by_alias.team, workflows.owner) as team,
        coalesce(calls.product, by_key.product, by_alias.product, workflows.product) as product,
        coalesce(calls.feature, workflows.feature) as feature,
        calls.workflow,
        coalesce(aliases.customer_id, calls.customer_id, case when workflows.is_internal then '(internal)' end) as customer_id
    from calls
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

)

select * from attributed
