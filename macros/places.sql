{# The folders of one build, for the target in use. Python hands them over as variables; alone, dbt falls back to the same defaults. #}

{% macro demo_or(real, demo) -%}
  {{ return(demo if target.name == 'demo' else real) }}
{%- endmacro %}

{% macro home_folder() -%}
  {{ return(env_var('COSTGRAIN_HOME', demo_or('.costgrain', '.costgrain/demo/home'))) }}
{%- endmacro %}

{% macro config_folder() -%}
  {{ return(env_var('COSTGRAIN_CONFIG', demo_or('config', '.costgrain/demo/config'))) }}
{%- endmacro %}

{% macro is_demo() -%}
  {{ return(env_var('COSTGRAIN_IS_DEMO', '1' if target.name == 'demo' else '0') == '1') }}
{%- endmacro %}

{# Now, in UTC, as a literal: every model of one build reads the same moment. #}
{% macro now_utc() -%}
  {%- set now = env_var('COSTGRAIN_NOW', '') or run_started_at.strftime('%Y-%m-%d %H:%M:%S') -%}
  timestamp '{{ now }}'
{%- endmacro %}

{% macro quoted(text) -%}
  {{ return("'" ~ (text | string).replace("'", "''") ~ "'") }}
{%- endmacro %}

{# True where a file is there; path is read literally, whatever characters it holds. #}
{% macro file_exists(path) -%}
  {%- set literal = path.replace('[', '[[]').replace('*', '[*]').replace('?', '[?]') -%}
  {{ return(run_query('select count(*) from glob(' ~ quoted(literal) ~ ')').rows[0][0] > 0) }}
{%- endmacro %}
