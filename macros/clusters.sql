{# What may be counted of what runs on clusters, and the drivers that follow it. #}
{% macro cluster_drivers() -%}
  {{ return(['kubernetes_cost', 'cpu_core_hours', 'memory_byte_hours', 'gpu_seconds']) }}
{%- endmacro %}

{#
  A node or what a bill says of it, by the last part of its name: `aws:///zone/i-0abc` and `arn:…:instance/i-0abc` are the same.
  A scale set is billed as a whole, so that its machines have its name.
#}
{% macro node_name(name) -%}
  {%- set lowered = 'lower(' ~ name ~ ')' -%}
  {{ return(
    'coalesce(' ~ matched_group(lowered, '/virtualmachinescalesets/([^/]+)/virtualmachines/[^/]+$', 1)
    ~ ', ' ~ matched_group(lowered, '([^/]+)$', 1) ~ ')'
  ) }}
{%- endmacro %}

{# Calls of a self-hosted model ran in the pods of `usage`: in the namespace that the config names, or in one controller of it. #}
{% macro serves(usage, hosted) -%}
  {{ usage }}.cluster = {{ hosted }}.cluster
  and {{ usage }}.namespace = {{ hosted }}.namespace
  and ({{ hosted }}.controller is null or {{ usage }}.controller = {{ hosted }}.controller)
{%- endmacro %}

{#
  What calls weigh in their pods' cost, in double precision: by GPU seconds, by the config's weights of tokens, by what tokens cost at
  the reference model, or all tokens alike.
#}
{% macro served_weight(weighed_by, usage, hosted) -%}
  {%- set outputs = token_classes() | reject('in', input_token_classes()) | list -%}
  case {{ weighed_by }}
    when 'gpu_seconds' then cast({{ usage }}.gpu_seconds as double)
    when 'weights' then
      coalesce(cast({{ tokens_sum(input_token_classes(), usage) }} as double), 0) * cast({{ hosted }}.input_weight as double)
      + coalesce(cast({{ tokens_sum(outputs, usage) }} as double), 0) * cast({{ hosted }}.output_weight as double)
    when 'reference' then cast({{ usage }}.reference_list_cost_usd as double)
    when 'tokens' then cast({{ usage }}.all_tokens as double)
  end
{%- endmacro %}

{# The pods that serve a model, as the vendor of its calls. #}
{% macro pool_of(hosted) -%}
  {{ hosted }}.cluster || '/' || {{ hosted }}.namespace || '/' || coalesce({{ hosted }}.controller, '')
{%- endmacro %}
