{# The token classes: they exclude each other and add up to the provider's own total. #}
{% macro token_classes() -%}
  {{ return([
    'input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'reasoning',
    'audio_input', 'audio_output', 'image_input', 'image_output',
  ]) }}
{%- endmacro %}

{% macro input_token_classes() -%}
  {{ return(['input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input']) }}
{%- endmacro %}

{# What a provider meters beside tokens, as column and singular price. #}
{% macro other_meters() -%}
  {{ return(['requests', 'web_searches', 'seconds', 'images', 'characters']) }}
{%- endmacro %}

{% macro all_meters() -%}
  {{ return(token_classes() + other_meters()) }}
{%- endmacro %}

{# The column that holds a meter's quantity. #}
{% macro quantity_of(meter) -%}
  {{ return(meter ~ '_tokens' if meter in token_classes() else meter) }}
{%- endmacro %}

{# Tokens of several classes together; null only where none of them is known. #}
{% macro tokens_sum(classes, alias='') -%}
  {%- set prefix = alias ~ '.' if alias else '' -%}
  case when coalesce({% for c in classes %}{{ prefix }}{{ c }}_tokens{{ ', ' if not loop.last }}{% endfor %}) is not null
    then {% for c in classes %}coalesce({{ prefix }}{{ c }}_tokens, 0){{ ' + ' if not loop.last }}{% endfor %} end
{%- endmacro %}
