-- What another rate makes of accruals that were issued and then reversed by a bill, by those who bear the vendor's bills of that month.
{%- set bearer = ['legal_entity', 'cost_centre', 'statement_kind'] %}
with closed as (

    select
        statement_month as accrued_month,
        max(closed_at) as closed_at,
        coalesce(sum(case when cost_status = 'accrued' and usage_month = statement_month then amount_usd end), 0) as issued_usd
    from {{ ref('int_issued_lines') }}
    group by statement_month

),

still_accrued as (

    select
        usage_month,
        sum(effective_cost_usd) as accrued_usd
    from {{ ref('int_cost_lines') }}
    where cost_status = 'accrued' and usage_month in (select closed.accrued_month from closed)
    group by usage_month

),

reversed as (

    -- What was billed before the close, or not known then, was not issued as accrued: of what was, at least as much is gone now.
    select
        closed.accrued_month,
        closed.closed_at,
        records.vendor,
        sum(records.fx_usd) as fx_usd
    from closed
    inner join {{ ref('int_accrued_records') }} as records on closed.accrued_month = {{ month_of('records.charge_date') }}
    left join still_accrued on closed.accrued_month = still_accrued.usage_month
    where records.billed_at > closed.closed_at and coalesce(records.known_at <= closed.closed_at, true) and records.fx_usd is not null
    group by closed.accrued_month, closed.closed_at, closed.issued_usd, records.vendor
    having
        sum(records.fx_usd) <> 0
        and sum(records.owed_usd) <= closed.issued_usd - coalesce(max(still_accrued.accrued_usd), 0)

),

bills as (

    -- Those that came since, also one of several months. What models are billed was accrued in USD.
    select
        lines.charge_date,
        lines.cost_line_id,
        lines.usage_month,
        {{ comma_list(['accrued_month', 'vendor', 'fx_usd'], 'reversed') }}
    from reversed
    inner join {{ ref('int_cost_lines') }} as lines
        on
            reversed.vendor = lines.vendor
            and reversed.accrued_month >= lines.usage_month
            and (
                reversed.accrued_month = lines.usage_month
                or {{ last_day_of('lines.charge_period_start', 'lines.charge_period_end') }}
                >= {{ last_day_of_month('reversed.accrued_month') }}
            )
    left join {{ ref('int_bill_arrivals') }} as arrivals
        on {{ same_columns_of('lines', 'arrivals', ['source', 'vendor', 'charge_date', 'charge_category']) }}
        and coalesce(lines.billing_account_id, '') = arrivals.billing_account_id
    left join {{ ref('int_fee_arrivals') }} as fees
        on lines.source = 'commitments' and lines.commitment_discount_id = fees.commitment_id and lines.charge_date = fees.charge_date
    where
        lines.cost_status = 'invoiced' and lines.billing_currency <> 'USD' and lines.model is null
        and coalesce(fees.billed_at, arrivals.billed_at) > reversed.closed_at

),

borne_weighed as (

    select
        bills.usage_month,
        bills.accrued_month,
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
    'borne_weighed', 'borne', 'accrued_month, vendor', (['usage_month'] + bearer + ['team']) | join(" || '|' || "),
    ['usage_month'] + bearer + ['team'], ['fx_usd'],
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
