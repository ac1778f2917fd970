{# What a budget can be of: the scope type, and where `budget_variance` finds the spend of its scopes. #}
{% macro budget_scopes() -%}
  {%- set scopes = {'company': ('lines', "'(all)'"), 'ai': ('scoped', "'(all)'"), 'category': ('scoped', 'category'), 'vendor': ('lines', 'vendor')} -%}
  {%- for target in allocation_targets() -%}{%- do scopes.update({target: ('allocated', target_column(target))}) -%}{%- endfor -%}
  {%- for place in ['cost_centre', 'legal_entity'] -%}{%- do scopes.update({place: ('allocated', place)}) -%}{%- endfor -%}
  {{ return(scopes) }}
{%- endmacro %}
