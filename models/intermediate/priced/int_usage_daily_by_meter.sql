-- Reshapes: one row a meter instead of one column. Without a price, a quantity has no cost. No vendor bills what reached none.
-- Daily usage is named once, not once a meter: engines unfold a view anew wherever it is named.
with long as (

    select
        usage.call_date,
        usage.source,
        usage.grain_source,
        usage.provider,
        usage.account,
        usage.model,
        usage.service_tier,
        usage.commitment_id,
        meters.token_class,
        {{ targets('usage') }},
        case meters.token_class
            {% for meter in all_meters() -%}
                when '{{ meter }}' then usage.{{ quantity_of(meter) }}
            {% endfor %}
        end as quantity,
        {% for basis in ['list', 'contracted'] -%}
            case meters.token_class
                {% for meter in all_meters() -%}
                    when '{{ meter }}' then usage.{{ meter }}_{{ basis }}_cost_usd
                {% endfor %}
            end as {{ basis }}_cost_usd{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_usage_daily') }} as usage
    cross join (values ('{{ all_meters() | join("'), ('") }}')) as meters (token_class)
    where {{ reached_a_vendor() }}

)

select
    call_date,
    source,
    grain_source,
    provider,
    account,
    model,
    service_tier,
    commitment_id,
    token_class,
    {{ targets() }},
    cast(quantity as decimal(38, 6)) as quantity,
    list_cost_usd,
    contracted_cost_usd
from long
where quantity > 0
