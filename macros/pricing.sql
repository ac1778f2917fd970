{#
  Quantity times price, over every meter, in decimals: bigint tokens are cast first, so nothing is rounded; to 19 digits, as
  DuckDB keeps the product of two decimals of 18 within 18, which a thousand dollars of tokens would not fit. Null where a
  meter was used whose price is not known: unknown is not zero. Source of the prices: int_model_prices; `basis` is list or
  contracted.

  A price has the range of input tokens in which it holds. A tier that holds for the whole request is a range of its own. One
  that holds only for the part above is that, too, with a price per request that makes up for the part below, such as
  200,000 × (low − high); no catalogue has one today.
#}
{% macro metered_cost(usage, price, basis='list') -%}
  cast(
    {%- for meter in all_meters() %}
      {{ ' + ' if not loop.first }}{{ meter_cost(usage, price, meter, basis) }}
    {%- endfor %}
  as {{ money() }})
{%- endmacro %}

{# The price book holds a price per request beside those per token; a call is one request. #}
{% macro meter_cost(usage, price, meter, basis='list') -%}
  {%- set quantity = usage ~ '.' ~ quantity_of(meter) -%}
  {%- set unit_price = price ~ '.' ~ meter ~ '_' ~ basis ~ '_price' -%}
  {%- if meter == 'requests' -%}
    coalesce(cast({{ quantity }} as decimal(19, 0)) * {{ unit_price }}, 0)
  {%- elif meter == 'seconds' -%}
    case when coalesce({{ quantity }}, 0) = 0 then 0 else cast(cast({{ quantity }} as decimal(18, 6)) * {{ unit_price }} as {{ money() }}) end
  {%- else -%}
    case when coalesce({{ quantity }}, 0) = 0 then 0 else cast({{ quantity }} as decimal(19, 0)) * {{ unit_price }} end
  {%- endif -%}
{%- endmacro %}

{# The bases on which usage is metered, as they end the names of prices and costs. #}
{% macro metered_bases() -%}
  {{ return(['list', 'contracted']) }}
{%- endmacro %}

{# `text` once for each meter, whose name stands for `<meter>`. #}
{% macro for_each_meter(text, between) -%}
  {%- for meter in all_meters() -%}{{ text | replace('<meter>', meter) }}{{ between if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro unit_price() %}decimal(18, 15){% endmacro %}

{#
  A public price less a negotiated discount: rounded as a price, before any quantity multiplies it, so that a sum of calls costs
  what the calls cost one by one.
#}
{% macro discounted(price, discount_ratio) -%}
  cast(round(cast({{ price }} as decimal(19, 15)) * cast(1 - {{ discount_ratio }} as {{ ratio() }}), 15) as {{ unit_price() }})
{%- endmacro %}

{# USD for one unit, of a price for `unit` of them (1, 1000 or 1000000). #}
{% macro price_of_one(price, unit) -%}
  cast(round(
    {{ price }} * case {{ unit }} when 1000000 then cast(0.000001 as decimal(7, 6)) when 1000 then cast(0.001 as decimal(7, 6)) else cast(1 as decimal(7, 6)) end
  , 15) as {{ unit_price() }})
{%- endmacro %}

{# The price of usage of its `priced_tier` at a second of its day, with that many tokens of input in all. #}
{% macro is_price_of(price, usage, second, input_tokens) -%}
  {{ usage }}.call_date = {{ price }}.call_date
  and coalesce({{ usage }}.provider, '') = coalesce({{ price }}.provider, '')
  and {{ usage }}.model = {{ price }}.model
  and {{ usage }}.priced_tier = {{ price }}.service_tier
  and {{ usage }}.{{ second }} >= {{ price }}.from_second
  and {{ usage }}.{{ second }} < {{ price }}.to_second
  and {{ usage }}.{{ input_tokens }} > {{ price }}.input_tokens_over
  and {{ usage }}.{{ input_tokens }} <= {{ price }}.input_tokens_up_to
{%- endmacro %}

{# The row of `self_hosted_models` speaks of the model: by its name, or by the beginning of it. #}
{% macro is_called_by(hosted, model) -%}
  (lower({{ model }}) = lower({{ hosted }}.model) or left(lower({{ model }}), length({{ hosted }}.model) - 1) || '*' = lower({{ hosted }}.model))
{%- endmacro %}

{# Usage that a vendor counts, too: neither what the company runs itself, nor what a gateway answered from its own cache, which is priced
   (at nothing) by no price. #}
{% macro reached_a_vendor() -%}
  (pricing_status <> 'self_hosted' and (pricing_status <> 'priced' or price_key is not null))
{%- endmacro %}

{# The row of `contract_prices` speaks of the model: of all of its provider, or of this one; each by any of its names. #}
{% macro is_contract_of(contract, used) -%}
  ({{ contract }}.provider in ({{ used }}.provider, {{ used }}.resolved_provider, {{ used }}.price_provider)
  and (
    {{ contract }}.model is null
    or lower({{ contract }}.model) in (lower({{ used }}.model), lower({{ used }}.resolved_model), lower({{ used }}.price_model))
  ))
{%- endmacro %}

{# Known at `moment`. Ends are exclusive. #}
{% macro is_known(moment, row=none) -%}
  {%- set prefix = row ~ '.' if row else '' -%}
  ({{ prefix }}known_from <= {{ moment }} and {{ moment }} < {{ prefix }}known_to)
{%- endmacro %}

{# The bounds of a price, as (from, to, what they are where no catalogue has one). #}
{% macro price_bounds() -%}
  {{ return([
    ('known_from', 'known_to', "timestamp '1970-01-01'", "timestamp '9999-12-31'"),
    ('valid_from', 'valid_to', "date '1970-01-01'", "date '9999-12-31'"),
    ('from_second', 'to_second', '0', '86400'),
    ('input_tokens_over', 'input_tokens_up_to', '-1', '1000000000000000000'),
  ]) }}
{%- endmacro %}

{#
  For each meter, whether a row of the book has a price of its own for its tier of service: where a catalogue names none, the row has
  the standard one's.
#}
{% macro has_own_prices() -%}
  {%- set standard -%}
    max(case when service_tier = 'standard' then <meter>_price end)
      over (partition by price_provider, price_model, known_from, valid_from, from_second, input_tokens_over)
  {%- endset -%}
  {{ for_each_meter('<meter>_price <> ' ~ standard ~ ' as has_own_<meter>_price', ', ') }}
{%- endmacro %}

{# Two prices hold in the same place; where one of them is none, they do. #}
{% macro prices_overlap(one, other) -%}
  {%- for start, end, _, _ in price_bounds() -%}
    coalesce({{ one }}.{{ start }} < {{ other }}.{{ end }} and {{ other }}.{{ start }} < {{ one }}.{{ end }}, true){{ ' and ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{# An entry of a LiteLLM map that is a model with a price. LiteLLM writes 0 for what it does not know. #}
{% macro tells_a_price() -%}
  (model <> 'sample_spec' and (
    alias_of is not null or tiered_pricing is not null
    {%- for costs in ['input_costs', 'output_costs', 'cache_read_costs', 'cache_write_costs', 'search_costs'] %}
      or coalesce({{ largest_in(costs) }}, 0) > 0
    {%- endfor %}
  ))
{%- endmacro %}
