{# The amounts of a margin, in order: revenue, what it costs, what is left, and what would be left later. #}
{% macro margin_amounts() -%}
  {%- set amounts = {
    'revenue_usd': 'revenue_usd', 'cogs_usd': 'cogs_usd', 'gross_margin_usd': 'gross_margin_usd',
    'gross_margin_change_usd': 'gross_margin_change_usd', 'ai_cost_usd': 'ai_cost_usd',
    'infrastructure_cost_usd': 'infrastructure_cost_usd', 'licences_cost_usd': 'licences_cost_usd',
    'human_work_cost_usd': 'human_work_cost_usd', 'fully_loaded_cost_usd': 'fully_loaded_cost_usd',
    'promotional_credit_usd': 'promotional_credit_usd', 'negotiated_discount_usd': 'negotiated_discount_usd',
    'contribution_usd': 'contribution_usd', 'contribution_change_usd': 'contribution_change_usd',
    'contribution_without_credits_usd': 'contribution_usd - promotional_credit_usd',
    'gross_margin_without_discounts_usd': 'gross_margin_usd - cogs_discount_usd',
    'contribution_without_discounts_usd': 'contribution_usd - negotiated_discount_usd',
    'contribution_after_next_change_usd': 'case when next_change_date is not null then contribution_usd - next_change_usd end',
  } -%}
  {% for name, amount in amounts.items() -%}
    cast({{ amount }} as {{ money() }}) as {{ name }}{% if not loop.last %},{% endif %}
  {% endfor %}
{%- endmacro %}

{# The last day of the month that begins on `month`. #}
{% macro last_day_of_month(month) %}{{ return('(cast(' ~ month ~ " + interval '1' month as date) - 1)") }}{% endmacro %}

{# What may move a customer's margin: what is of one, and what names nobody unless it is known to run outside production. #}
{% macro may_move_a_margin() -%}
  (
    {{ is_of_customers() }}
    or (customer_id = '(unallocated)' and (environment = '(unallocated)' or {{ is_production('environment') }}))
  )
{%- endmacro %}

{#
  A sum of costs that is zero where there are none and the ledger has their month (`ledger_month`), and null where there are some or calls
  without a price, and none of them is known.
#}
{% macro known_sum(amount, condition='true') -%}
  {%- set known = 'sum(' ~ amount ~ ') filter (where ' ~ condition ~ ')' -%}
  case
    when sum(unknown_count + coalesce(unpriced_calls, 0)) filter (where {{ condition }}) > 0 then {{ known }}
    else coalesce({{ known }}, {{ nothing_in_ledger() }})
  end
{%- endmacro %}

{# What a month without any such cost has of it: nothing where the ledger has the month, else it is not known. #}
{% macro nothing_in_ledger() %}case when count(ledger_month) > 0 then 0 end{% endmacro %}
