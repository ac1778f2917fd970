{# What may be counted of what runs on clusters, and the drivers that follow it. #}
{% macro cluster_drivers() -%}
  {{ return(['kubernetes_cost', 'cpu_core_hours', 'memory_byte_hours', 'gpu_seconds']) }}
{%- endmacro %}

{# Calls of a self-hosted model ran in the pods of `usage`: in the namespace that the config names, or in one controller of it. #}
{% macro serves(usage, hosted) -%}
  {{ usage }}.cluster = {{ hosted }}.cluster
  and {{ usage }}.namespace = {{ hosted }}.namespace
  and ({{ hosted }}.controller is null or {{ usage }}.controller = {{ hosted }}.controller)
{%- endmacro %}

{# What tokens weigh in a call's share: the config's weights, else what they cost at the reference model. In double precision. #}
{% macro served_weight(usage, hosted) -%}
  case
    when {{ hosted }}.output_weight is null then cast({{ usage }}.reference_list_cost_usd as double)
    else
      coalesce(cast({{ tokens_sum(input_token_classes(), usage) }} as double), 0) * cast({{ hosted }}.input_weight as double)
      + coalesce(cast({{ tokens_sum(token_classes() | reject('in', input_token_classes()) | list, usage) }} as double), 0) * cast({{ hosted }}.output_weight as double)
  end
{%- endmacro %}

{# The pods that serve a model, as the vendor of its calls. #}
{% macro pool_of(hosted) -%}
  {{ hosted }}.cluster || '/' || {{ hosted }}.namespace || '/' || coalesce({{ hosted }}.controller, '')
{%- endmacro %}
