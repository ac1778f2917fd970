{#
  What a company sets up: a CSV in COSTGRAIN_CONFIG, or else the neutral default of the same name in seeds/company.
#}

{% macro company_file(name) -%}
  {%- set own = config_folder() ~ '/' ~ name ~ '.csv' -%}
  {%- if execute and file_exists(own) -%}{{ return(own) }}{%- endif -%}
  {{ return(none) }}
{%- endmacro %}

{# The rows of a config file, or of its seed, with the seed's columns and types: for use after `from`. #}
{% macro company_rows(name) -%}
  {%- set seed = ref(name) -%}
  {%- set own = company_file(name) -%}
  {{ return(csv_rows(name, own) if own else seed) }}
{%- endmacro %}

{% macro csv_rows(name, path) -%}
  {%- set typed = [] -%}
  {%- for column, type in company_columns(name).items() -%}
    {%- do typed.append("cast(nullif(trim(" ~ column ~ "), '') as " ~ type ~ ") as " ~ column) -%}
  {%- endfor -%}
  {{ return('(select ' ~ typed | join(', ') ~ ' from ' ~ csv_texts(name, path) ~ ')') }}
{%- endmacro %}

{# By name, with their types; a unit test knows of no other model, so none. #}
{% macro company_columns(name) -%}
  {%- set seed = graph.get('nodes', {}).get('seed.costgrain.' ~ name) -%}
  {{ return(seed.config.column_types if seed else {}) }}
{%- endmacro %}

{# The columns of a file as texts; those that it leaves out are null. #}
{% macro csv_texts(name, path) -%}
  {%- set file = 'read_csv(' ~ quoted(path) ~ ", header = true, all_varchar = true, delim = ',', quote = '\"')" -%}
  {%- set told = run_query('select * from ' ~ file ~ ' limit 0').column_names if execute else [] -%}
  {%- set left_out = [] -%}
  {%- for column in company_columns(name) if column not in told and execute -%}
    {%- do left_out.append(', cast(null as varchar) as ' ~ column) -%}
  {%- endfor -%}
  {{ return('(select *' ~ left_out | join ~ ' from ' ~ file ~ ')') }}
{%- endmacro %}

{#
  The same rows as texts while dbt compiles, when the seed may not be loaded yet. dbt runs in the project's root. What calls
  this also refers to the staged rows, so that days that were made from them are rebuilt when they change.
#}
{% macro company_rows_now(name) -%}
  {{ return(csv_texts(name, company_file(name) or 'seeds/company/' ~ name ~ '.csv')) }}
{%- endmacro %}

{# A row of config holds on `day`. #}
{% macro is_valid(row, day) -%}
  ({{ day }} >= coalesce({{ row }}.valid_from, {{ day }}) and ({{ row }}.valid_to is null or {{ day }} < {{ row }}.valid_to))
{%- endmacro %}
