{#
  The raw lake as relations. A source of dbt is a view over exactly the Parquet files that the manifest names, so that
  a file left behind by a killed run is never read; with nothing landed it is an empty, typed relation.
#}

{% macro start_run() -%}
  {%- if execute -%}
    {%- do run_query('create schema if not exists raw') -%}
    {%- for database in [target.database, 'marts'] -%}{%- do run_query('create schema if not exists ' ~ database ~ '.fingerprints') -%}{%- endfor -%}
    {%- do register_manifest() -%}
    {%- for source in graph.sources.values() if source.source_name == 'raw' and source.name not in ['files', 'file_parts'] -%}
      {%- do run_query('create or replace view raw.' ~ source.name ~ ' as ' ~ raw_select(source)) -%}
    {%- endfor -%}
    {%- do attach_published() -%}
  {%- endif -%}
{%- endmacro %}

{% macro register_manifest() -%}
  {%- set manifests = home_folder() ~ '/raw/manifest' -%}
  {%- set found = [] -%}
  {%- for source in graph.sources.values() if source.source_name == 'raw' and source.config.meta.get('landed') -%}
    {%- set path = manifests ~ '/' ~ source.name ~ '.parquet' -%}
    {%- if file_exists(path) -%}{%- do found.append(quoted(path)) -%}{%- endif -%}
  {%- endfor -%}
  {%- set files = graph.sources.values() | selectattr('name', 'equalto', 'files') | first -%}
  {%- if found -%}
    {%- do run_query('create or replace view raw.files as select * from read_parquet([' ~ found | join(', ') ~ '])') -%}
  {%- else -%}
    {%- do run_query('create or replace view raw.files as ' ~ empty_select(files)) -%}
  {%- endif -%}
  {%- do run_query(
    "create or replace view raw.file_parts as select source, file_hash, module_version, part.day, part.rows as row_count, part.path"
    ~ " from (select source, file_hash, module_version, unnest(parts) as part from raw.files)"
  ) -%}
{%- endmacro %}

{% macro raw_select(source) -%}
  {%- set home = home_folder() -%}
  {%- set paths = [] -%}
  {%- if source.config.meta.get('landed') -%}
    {%- for row in run_query("select distinct path from raw.file_parts where source = '" ~ source.name ~ "' order by path").rows -%}
      {%- do paths.append(quoted(home ~ '/' ~ row[0])) -%}
    {%- endfor -%}
  {%- elif file_exists(home ~ '/raw/' ~ source.name ~ '.parquet') -%}
    {%- do paths.append(quoted(home ~ '/raw/' ~ source.name ~ '.parquet')) -%}
  {%- endif -%}
  {%- if not paths -%}
    {{ return(empty_select(source)) }}
  {%- endif -%}
  {%- set dated = 'day' in source.columns -%}
  {{ return(
    'select * from read_parquet([' ~ paths | join(', ') ~ ']'
    ~ (", hive_partitioning = true, hive_types = {'day': date}" if dated else ', hive_partitioning = false') ~ ')'
  ) }}
{%- endmacro %}

{% macro empty_select(source) -%}
  {%- set columns = [] -%}
  {%- for column in source.columns.values() -%}
    {%- do columns.append('cast(null as ' ~ column.data_type ~ ') as ' ~ column.name) -%}
  {%- endfor -%}
  {{ return('select ' ~ columns | join(', ') ~ ' where false') }}
{%- endmacro %}

{# What was published last, to test only what differs from it. #}
{% macro attach_published() -%}
  {%- set path = home_folder() ~ '/published/marts.duckdb' -%}
  {%- if file_exists(path) -%}
    {%- do run_query('attach if not exists ' ~ quoted(path) ~ ' as published (read_only)') -%}
  {%- endif -%}
{%- endmacro %}

{# All landed columns of a source's row as one text, but `without` these: equal text is an equal row, whatever file it lies in. #}
{% macro source_columns_text(name, alias=none, without=[]) -%}
  {%- set texts = [] -%}
  {%- if execute -%}
    {%- for column in (graph.sources.values() | selectattr('source_name', 'equalto', 'raw') | selectattr('name', 'equalto', name) | first).columns
        if column not in ['day', '_file_hash', '_row'] + without -%}
      {%- do texts.append("coalesce(cast(" ~ (alias ~ '.' if alias else '') ~ column ~ " as varchar), '')") -%}
    {%- endfor -%}
  {%- endif -%}
  {{ (texts or ["''"]) | join(" || '|' || ") }}
{%- endmacro %}

{# What files say that they deliver, one row a bill. #}
{% macro told_deliveries() -%}
  select
      delivered.source,
      delivered.file_hash,
      coalesce(delivered.edition, '') as edition,
      coalesce(delivered.delivery.billing_account_id, '') as billing_account_id,
      coalesce(delivered.delivery.billing_period_start, timestamp '1970-01-01') as billing_period_start,
      delivered.delivery.exported_at,
      delivered.first_seen_at,
      delivered.came_at,
      delivered.folder_account,
      delivered.delivery.scopes,
      -- Corrections of earlier bills alone, or what the vendor is said to append, add to a bill.
      delivered.is_appended or coalesce(delivered.delivery.is_correction, false) as is_addition
  from (
      select
          source,
          file_hash,
          edition,
          first_seen_at,
          came_at,
          {{ list_text("paths") }} like '%/append/%' as is_appended,
          -- Reports that do not say whose they are: a folder may.
          coalesce({{ matched_group(list_text("paths"), "/account=([^/]+)/", 1) }}, '') as folder_account,
          {{ unnested("deliveries") }} as delivery
      from {{ source('raw', 'files') }}
  ) as delivered
{%- endmacro %}

{#
  Numbered deliveries by scope, seller and day. A seller has the name that all bills have for it, as exports spell it differently; what
  names none may be of each that the bill (`bill`: its columns) has.
#}
{% macro told_cells(numbered, bill) -%}
  {%- set seller_name = "split_part(told_scope, chr(31), 2)" -%}
  with scopes as (

      select
          {{ numbered }}.*,
          {{ unnested(numbered ~ ".scopes") }} as told_scope
      from {{ numbered }}

  ),

  named as (

      select
          *,
          split_part(told_scope, chr(31), 1) as scope,
          case when {{ seller_name }} = '' then '' else {{ vendor_of('source', seller_name, "''", "''") }} end as named_seller
      from scopes

  ),

  sellers as (

      select distinct {{ bill }}, named_seller as seller
      from named
      where named_seller <> ''

  )

  select
      named.*,
      coalesce(sellers.seller, '') as seller,
      parts.day
  from named
  left join sellers
      on
          named.named_seller in ('', sellers.seller)
          {%- for column in bill.split(', ') %}
          and named.{{ column }} = sellers.{{ column }}
          {%- endfor %}
  left join {{ source('raw', 'file_parts') }} as parts
      on named.source = parts.source and named.file_hash = parts.file_hash and named.has_others
{%- endmacro %}
