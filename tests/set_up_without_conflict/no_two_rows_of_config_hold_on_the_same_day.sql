-- Rows that both hold on a day would count a call or a cost twice. Each conflict names the file and both rows' dates.
{% set keys = {
    'api_keys': "source || '|' || coalesce(api_key, key_alias)",
    'customer_aliases': "source || '|' || source_customer_id",
    'billing_sources': "source || '|' || coalesce(bill_provider, vendor) || '|' || coalesce(bill_service, '')",
    'org_hierarchy': 'team',
    'attribution_keys': "source || '|' || target || '|' || origin || '|' || key",
    'allocation_rules': 'rule_id',
    'contract_prices': "lower(provider) || '|' || coalesce(lower(model), '') || '|' || coalesce(meter, '')"
    ~ " || '|' || coalesce(lower(commitment_tier), '')",
    'closed_periods': "month || '|' || coalesce(cost_centre, '')",
    'fx_rates': 'currency',
    'intended_losses': "coalesce(customer_id, '') || '|' || coalesce(segment, '') || '|' || coalesce(plan, '')"
    ~ " || '|' || coalesce(feature, '')",
    'labour_rates': "coalesce(role_name, '')",
    'model_aliases': "coalesce(lower(provider), '') || '|' || lower(name)",
    'recoverable_taxes': "coalesce(vendor, '') || '|' || coalesce(account, '')",
    'self_hosted_models': "coalesce(lower(provider), '') || '|' || lower(model)",
    'value_baselines': 'workflow',
} -%}
with numbered as (

    {% for name, key in keys.items() -%}
        select
            '{{ name }}.csv' as config_file,
            {{ key }} as config_key,
            coalesce(valid_from, date '1900-01-01') as valid_from,
            coalesce(valid_to, date '9999-12-31') as valid_to,
            row_number() over (order by valid_from, valid_to, owner, reason) as row_no
        from {{ ref('stg_company__' ~ name) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    earlier.config_file,
    earlier.config_key,
    earlier.valid_from as first_valid_from,
    later.valid_from as second_valid_from
from numbered as earlier
inner join numbered as later
    on
        earlier.config_file = later.config_file
        and earlier.config_key = later.config_key
        and earlier.row_no < later.row_no
        and earlier.valid_from < later.valid_to
        and earlier.valid_to > later.valid_from
