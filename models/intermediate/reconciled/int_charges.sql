{%- set named = ['environment', 'team', 'product'] %}
with charges as (

    {% for source, model in models_of('charges').items() -%}
        select
            {{ charge_columns() }},
            {{ targets() }},
            {{ comma_list(attributed_by_columns(allocation_targets())) }},
            '{{ landed_sources()[source].book }}' as book
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

-- What no tag names, the owner of the project, workspace or account does.
select
    {{ charge_columns('charges') }},
    {% for target in named -%}
        coalesce(charges.{{ target }}, owners.{{ target }}) as {{ target }},
        coalesce(
            charges.{{ target }}_attributed_by, case when owners.{{ target }} is not null then 'api_keys' end
        ) as {{ target }}_attributed_by,
    {% endfor -%}
    {% for target in allocation_targets() if target not in named + ['customer'] -%}
        charges.{{ target_column(target) }},
        charges.{{ target }}_attributed_by,
    {% endfor -%}
    coalesce(aliases.customer_id, charges.customer_id) as customer_id,
    charges.customer_attributed_by || case when aliases.customer_id is not null then ', customer_aliases' else '' end
        as customer_attributed_by,
    charges.book,
    case when charges.book = 'seats' then lower(charges.service) else '' end as seats_of,
    {{ vendor_of('charges.source', 'charges.provider', 'charges.service', 'charges.publisher') }} as vendor,
    -- From FOCUS 1.3 on a marketplace's line names the seller as its provider: the bill is of who issues it.
    {{ vendor_of('charges.source', 'coalesce(charges.invoice_issuer, charges.provider)', "''", "''") }} as bill_vendor
from charges
left join {{ ref('int_key_owners') }} as owners
    on
        charges.source = owners.source
        and charges.sub_account_id = owners.api_key
        and {{ is_valid('owners', 'charges.charge_date') }}
left join {{ ref('stg_company__customer_aliases') }} as aliases
    on
        charges.source = aliases.source
        and charges.customer_id = aliases.source_customer_id
        and {{ is_valid('aliases', 'charges.charge_date') }}
