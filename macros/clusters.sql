{# What may be counted of what runs on clusters, and the drivers that follow it. #}
{% macro cluster_drivers(prefix='') -%}
  {{ return([prefix ~ 'kubernetes_cost', prefix ~ 'cpu_core_hours', prefix ~ 'memory_byte_hours', prefix ~ 'gpu_seconds']) }}
{%- endmacro %}

{% macro is_cluster_driver(driver) -%}
  {{ driver }} in ('{{ cluster_drivers() | join("', '") }}')
{%- endmacro %}

{# What OpenCost says of pods, and of how much: what is read of it by day. #}
{% macro pod_columns() -%}
  {{ return(['cluster', 'node', 'provider_id', 'namespace', 'controller', 'resource_id'] + target_columns()) }}
{%- endmacro %}

{% macro pod_amounts() -%}
  {{ return(['effective_cost', 'consumed_quantity', 'ram_byte_hours', 'gpu_hours', 'cpu_cost', 'ram_cost', 'gpu_cost']) }}
{%- endmacro %}

{#
  A quantity that ran on a cluster. OpenCost tells what is idle by its cost, and not by its hours: as many as that pays for at what those
  that the cluster uses cost on the day.
#}
{% macro with_idle(quantity, cost) -%}
  {%- set used = 'sum(case when not is_idle then {0} end) over (partition by run_date, cluster)' -%}
  case
    when is_idle and coalesce({{ quantity }}, 0) = 0 and {{ cost }} > 0
      then try_cast(
        cast({{ cost }} as double) * cast({{ used.format(quantity) }} as double) / nullif(cast({{ used.format(cost) }} as double), 0)
      as {{ money() }})
    else {{ quantity }}
  end
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

{# A cluster as the account of OpenCost's charges, which is blank where they name none. #}
{% macro cluster_account(cluster) %}case when {{ cluster }} = '(unknown)' then '' else {{ cluster }} end{% endmacro %}

{# A node of a cluster, as the vendor of what ran on it. #}
{% macro node_vendor(cluster, node) -%}
  {{ cluster }} || '/' || {{ node }}
{%- endmacro %}

{# The name that stands for all nodes of a cluster which are not seen on a day. #}
{% macro any_node() %}{{ return('(any)') }}{% endmacro %}

{# How much there is of each driver where the condition holds: `cluster_gpu_seconds`. #}
{% macro driver_sums(prefix, condition, whole) -%}
  {%- for driver in cluster_drivers() -%}
    sum(case when {{ condition }} then {{ driver }} end) over (partition by {{ whole }}) as {{ prefix }}_{{ driver }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#
  How much is of a node by a driver. What nothing on it is counted by, such as GPUs on a node without them, its cost stands for; of a charge
  that names no node and no cluster nothing does, and nobody bears it.
#}
{% macro driver_of_node(driver) -%}
  case
    {% for counted in cluster_drivers() -%}
      when {{ driver }} = '{{ counted }}' and node_{{ counted }} > 0 then coalesce({{ driver_on_node(counted) }}, 0)
    {% endfor -%}
    when billed_cluster <> '(all)' then {{ driver_on_node('kubernetes_cost') }}
  end
{%- endmacro %}

{# How much of a driver is of a node: of what has no node, by how much of what has one is on it. #}
{% macro driver_on_node(driver) -%}
  case
    when is_of_any_node then cast({{ driver }} as double) * coalesce(cast(node_{{ driver }} as double) / nullif(cast(cluster_{{ driver }} as double), 0), 1)
    else {{ driver }}
  end
{%- endmacro %}

{# Each day of the charges that bill nodes, to be divided exactly over these. #}
{% macro node_charge_days(condition) -%}
    select
        lines.cost_line_id,
        lines.cluster as billed_cluster,
        lines.node_name as billed_node,
        lines.driver,
        days.run_date,
        lines.effective_cost_usd,
        1 as weight
    from {{ ref('int_node_lines') }} as lines,
        {{ each_day('lines.part_from', 'lines.part_to', 'days', 'run_date') }}
    where {{ condition }}
{%- endmacro %}

{% macro node_day_columns() %}{{ return(['billed_cluster', 'billed_node', 'driver', 'run_date']) }}{% endmacro %}

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
