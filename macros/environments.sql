{# What customers use, as companies name it. #}
{% macro is_production(environment) -%}
  lower({{ environment }}) in ('production', 'prod', 'prd', 'live')
{%- endmacro %}
