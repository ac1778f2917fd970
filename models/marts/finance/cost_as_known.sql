select
    md5(month || '|' || coalesce(provider, '') || '|' || model || '|' || known_from) as cost_as_known_key,
    month,
    known_from,
    known_to,
    provider,
    model,
    has_unknown_price,
    call_count,
    {% for basis in metered_bases() -%}
        {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_cost_as_known') }}
