{#
  How a charge is paid from a balance: `bill` where the bill itself says so (nothing billed, an effective cost), `balance` where a vendor's
  report of costs shows it in full, since such a report tells what usage costs, however it is paid. An invoice is what is
  owed, and is never changed.
#}
{% macro drawn_by(line) -%}
  case
    when {{ line }}.charge_category <> 'Usage' or {{ line }}.commitment_discount_status = 'Unused' then null
    when {{ line }}.billed_cost = 0 and {{ line }}.effective_cost > 0 then 'bill'
    when {{ line }}.book = 'cost_report' and {{ line }}.billed_cost > 0 and {{ line }}.billed_cost = {{ line }}.effective_cost then 'balance'
  end
{%- endmacro %}

{# A commitment that a line of a bill is the purchase of: a minimum, or a credit that is given, is not bought. #}
{% macro is_bought(commitment) -%}
  {{ commitment }}.kind in ('prepaid', 'reservation', 'provisioned_throughput')
{%- endmacro %}

{# A pool is a day's usage that the same balances may pay for. #}
{% macro pool_columns(alias=none) -%}
  {{ comma_list(['charge_date', 'vendor', 'billing_account_id', 'model', 'billing_currency', 'drawn_by'], alias) }}
{%- endmacro %}

{# A pool by what a line of a report, or metered usage, says; blank where it says nothing. #}
{% macro is_of_pool(day, vendor, account, model, currency) -%}
  {{ day }} = pools.charge_date
  and {{ vendor }} = pools.vendor
  and coalesce({{ account }}, '') = pools.billing_account_id
  and coalesce({{ model }}, '') = pools.model
  and {{ currency }} = pools.billing_currency
{%- endmacro %}

{# The log says that the call ran on capacity that is paid for by time, in the words of Azure, Vertex AI and OpenAI. #}
{% macro is_provisioned_tier(service_tier) -%}
  {{ service_tier }} in ('provisioned', 'provisioned_throughput', 'scale')
{%- endmacro %}

{#
  The tokens of a call as vendors count them against a capacity: a token of another class is as many input tokens as its list
  price is input prices. They publish such ratios for each model, close to those of its prices. Without a price, a token is one.
#}
{% macro capacity_tokens(calls, prices) -%}
  {%- set input_price = prices ~ '.input_uncached_list_price' -%}
  cast(case
    when {{ calls }}.pricing_status = 'priced' and {{ input_price }} > 0 then cast(
      {%- for class in token_classes() -%}
        {{ ' + ' if not loop.first }}{{ meter_cost(calls, prices, class) }}
      {%- endfor %}
    as double) / cast({{ input_price }} as double)
    else coalesce({{ calls }}.all_tokens, 0)
  end as decimal(38, 6))
{%- endmacro %}

{# Of an amount of the pool that `pool` names, one cost's share, rounded: the cost itself where it is all of the pool_cost. #}
{% macro pool_share(amount, cost, pool) -%}
  case when {{ amount }} = pool_cost then {{ cost }} else {{ rounded_share(amount, cost, pool) }} end
{%- endmacro %}
