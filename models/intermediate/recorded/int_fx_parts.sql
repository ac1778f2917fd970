-- What another rate makes of accruals that were issued and then reversed by a bill, by those who bear the vendor's bills of that month.
{%- set bearer = ['legal_entity', 'cost_centre', 'statement_kind'] %}
with closed as (

    select
        statement_month as usage_month,
        max(closed_at) as closed_at
    from {{ ref('int_issued_lines') }}
    group by statement_month

),

reversed as (

    -- What came before the close was issued as it was billed.
    select
        closed.usage_month,
        records.vendor,
        sum(records.fx_usd) as fx_usd
    from closed
    inner join {{ ref('int_accrued_records') }} as records on closed.usage_month = {{ month_of('records.charge_date') }}
    where records.billed_at > closed.closed_at
    group by closed.usage_month, records.vendor
    having sum(records.fx_usd) <> 0

),

bills as (

    select
        lines.charge_date,
        lines.cost_line_id,
        reversed.*
    from reversed
    inner join {{ ref('int_cost_lines') }} as lines on reversed.usage_month = lines.usage_month and reversed.vendor = lines.vendor
    where lines.cost_status = 'invoiced' and lines.billing_currency <> 'USD'

),

borne_weighed as (

    select
        bills.usage_month,
        bills.vendor,
        bills.fx_usd,
        {% for column in bearer -%}
            coalesce(places.{{ column }}, '{{ 'showback' if column == 'statement_kind' else '(unassigned)' }}') as {{ column }},
        {% endfor -%}
        parts.team,
        abs(sum(parts.effective_cost_usd)) as weight
    from bills
    inner join {{ ref('int_ledger_parts') }} as parts on bills.charge_date = parts.charge_date and bills.cost_line_id = parts.cost_line_id
    left join {{ ref('int_team_places') }} as places on parts.team = places.team and {{ is_valid('places', 'parts.part_from') }}
    group by all

),

{{ exact_ctes(
    'borne_weighed', 'borne', 'usage_month, vendor', (bearer + ['team']) | join(" || '|' || "), bearer + ['team'], ['fx_usd']
) }}

-- What rates make of a bill is its own line; the late charge is what is left of it.
{% for is_fx, amount in [('true', 'fx_usd'), ('false', '-fx_usd')] -%}
    select
        usage_month,
        {{ comma_list(bearer + ['team']) }},
        'adjustment' as part,
        'invoiced' as cost_status,
        {{ is_fx }} as is_fx,
        cast(sum({{ amount }}) as {{ money() }}) as amount_usd,
        cast(0 as {{ money() }}) as billed_cost_usd
    from borne
    group by all
    {{ 'union all' if not loop.last }}
{% endfor %}
