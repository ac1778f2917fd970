{# A row of `ai_scope` is about a charge: everything that it names is so. #}
{% macro scope_is_about(rule, line) -%}
  (
    {% for column in ['source', 'vendor', 'provider', 'service', 'sku_id'] -%}
      ({{ rule }}.{{ column }} is null or {{ rule }}.{{ column }} = {{ line }}.{{ column }}) and
    {% endfor -%}
    ({{ rule }}.account is null or {{ rule }}.account in ({{ line }}.billing_account_id, {{ line }}.sub_account_id))
    and (
      {{ rule }}.tag is null
      or {{ has_tag(line ~ '.tags', rule ~ '.tag') }}
      or (
        {{ rule }}.names_target
        {% for target in allocation_targets() -%}
          {%- set value = line ~ '.' ~ target_column(target) -%}
          {%- set tagged = rule ~ '.tagged_' ~ target -%}
          and ({{ tagged }} is null or {{ value }} = {{ tagged }} or ({{ tagged }} = '*' and {{ value }} is not null))
        {% endfor %}
      )
    )
    and (
      {{ rule }}.words is null
      or contains(
        lower(concat_ws(
          ' ', {{ line }}.provider, {{ line }}.service, {{ line }}.charge_description, {{ line }}.resource_id, {{ line }}.sku_id,
          {{ line }}.service_category
        )),
        {{ rule }}.words
      )
    )
    and (
      {{ rule }}.is_model_usage is null
      or {{ rule }}.is_model_usage = (coalesce({{ line }}.model, {{ line }}.token_class) is not null)
    )
    and {{ is_valid(rule, line ~ '.charge_date') }}
  )
{%- endmacro %}

{# What of an amount is of AI by `ai_share`, or the rest of it: the two add up to it exactly. #}
{% macro scoped_part(amount, scope) -%}
  {%- set ai = times(amount, 'ai_share') -%}
  {{ {'ai': ai, 'not_ai': amount ~ ' - ' ~ ai, 'undecided': amount}[scope] }}
{%- endmacro %}
