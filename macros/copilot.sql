{# What a row of GitHub is of: AI credits, premium requests, or neither, such as seats. #}
{% macro copilot_meter(source) -%}
  {%- set words = "lower(concat_ws(' ', " ~ source ~ ".sku, " ~ source ~ ".unit_type))" -%}
  case
    when {{ words }} like '%ai_credit%' or {{ words }} like '%ai_unit%' then 'credits'
    when {{ words }} like '%premium%request%' then 'requests'
  end
{%- endmacro %}
