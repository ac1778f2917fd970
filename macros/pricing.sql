{#
  Quantity times price, over every meter, in decimals: bigint tokens are cast first, so nothing is rounded; to 19 digits, as
  DuckDB keeps the product of two decimals of 18 within 18, which a thousand dollars of tokens would not fit. Null where a
  meter was used whose price is not known: unknown is not zero. Source of the prices: the price book (stg_prices__book).
#}
{% macro metered_cost(usage, price, meters=none) -%}
  cast(
    {%- for meter in meters or all_meters() %}
      {{ ' + ' if not loop.first }}{{ meter_cost(usage, price, meter) }}
    {%- endfor %}
  as {{ money() }})
{%- endmacro %}

{# The price book holds a price per request beside those per token; a call is one request. #}
{% macro meter_cost(usage, price, meter) -%}
  {%- set quantity = usage ~ '.' ~ quantity_of(meter) -%}
  {%- if meter == 'requests' -%}
    coalesce(cast({{ quantity }} as decimal(19, 0)) * {{ price }}.requests_price, 0)
  {%- elif meter == 'seconds' -%}
    case when coalesce({{ quantity }}, 0) = 0 then 0 else cast(cast({{ quantity }} as decimal(18, 6)) * {{ price }}.seconds_price as {{ money() }}) end
  {%- else -%}
    case when coalesce({{ quantity }}, 0) = 0 then 0 else cast({{ quantity }} as decimal(19, 0)) * {{ price }}.{{ meter }}_price end
  {%- endif -%}
{%- endmacro %}
