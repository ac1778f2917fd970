{# The columns that every vendor's usage report gives, apart from its targets. One row per landed record that counts. #}
{% macro usage_columns(alias=none) -%}
  {%- set names = [
    'usage_date', 'source', 'file_hash', 'file_row', 'bucket_start', 'bucket_end', 'provider', 'account', 'project', 'api_key', 'user_id',
    'model', 'service_tier',
  ] -%}
  {%- for meter in all_meters() -%}{%- do names.append(quantity_of(meter)) -%}{%- endfor -%}
  {%- do names.append('reported_tokens') -%}
  {{ comma_list(names, alias) }}
{%- endmacro %}
