-- Names the state of everything that decides who bears a cost: a hash of those config rows.
with versions as (

    {% for name in [
        'allocation_drivers', 'allocation_rules', 'api_keys', 'attribution_keys', 'billing_sources', 'customer_aliases', 'fx_rates',
        'org_hierarchy', 'self_hosted_models', 'workflows',
    ] -%}
        select
            '{{ name }}' as config_name,
            {{ rows_hash('config') }} as config_hash
        from {{ ref('stg_company__' ~ name) }} as config -- hashed as a whole -- noqa: AL05
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select substr({{ rows_hash("config_name || '|' || config_hash", is_text=true) }}, 1, 12) as rule_version
from versions
