{{ config(materialized='table') }}

-- The first exact step: each line of a bill over the buckets that it pays for. A line that fits none keeps itself elsewhere.
{%- set amounts = allocated_amounts() + ['drawn_cost'] %}
with weighed as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.billing_currency,
        {{ bucket_columns('scopes') }},
        {{ bucket_key('scopes') }} as bucket_key,
        scopes.line_share as weight,
        {% for amount in amounts -%}
            lines.{{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_usage_lines') }} as lines
    inner join {{ ref('int_line_scopes') }} as scopes
        on lines.charge_date = scopes.charge_date and lines.cost_line_id = scopes.cost_line_id

)

{{ exact_parts(
    'weighed', 'charge_date, cost_line_id', 'bucket_key',
    ['billing_currency', 'call_date', 'vendor', 'model', 'service_tier', 'token_class', 'bucket_key'], amounts,
) }}
