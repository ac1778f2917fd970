{% materialization days, adapter='duckdb' %}
  {#- Each chunk of days is one transaction: rows and fingerprints together, so that a killed run goes on where it stopped. -#}
  {%- set existing = load_cached_relation(this) -%}
  {%- set table = this.incorporate(type='table') -%}
  {%- set marks = marks_of(this) -%}
  {%- set day = config.require('day') -%}
  {%- set by_content = config.get('meta', {}).get('fingerprint') == 'content' -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}

  {%- set columns = get_column_schema_from_query(sql) -%}
  {%- set anew = should_full_refresh() or not same_columns(existing, columns) -%}
  {%- if existing is not none and not existing.is_table -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
  {% call statement('main') -%}
    {% if anew -%}
      {{ create_empty(table, columns, sql) }};
      drop table if exists {{ marks }};
    {% endif -%}
    create table if not exists {{ marks }} (day date, fingerprint varchar, row_count bigint, content varchar)
  {%- endcall %}
  {%- do adapter.commit() -%}

  {%- set changed = run_query(changed_days_sql(marks, day_fingerprints_sql(sql))).rows -%}
  {%- set names = columns | map(attribute='column') | map('lower') | join(', ') -%}
  {%- for chunk in chunks_of(changed) -%}
    {%- set days = chunk | map(attribute=0) | list -%}
    {%- set kept = chunk | rejectattr(1, 'none') | list -%}
    {% call statement('days_' ~ loop.index) -%}
      {% if not anew -%}
        delete from {{ table }} where {{ fill_days(in_days(day), days) }};
        delete from {{ marks }} where {{ fill_days(in_days('day'), days) }};
      {% endif -%}
      {% if kept -%}
        insert into {{ table }} ({{ names }}) select {{ names }} from (
          {{ fill_days(sql, kept | map(attribute=0) | list) }}
        ) as built;
        insert into {{ marks }}
        select m.day, m.fingerprint, coalesce(n.row_count, 0), n.content
        from (values {% for row in kept %}(date '{{ row[0] }}', '{{ row[1] }}'){{ ', ' if not loop.last }}{% endfor %}) as m (day, fingerprint)
        left join (
            select {{ day }} as day, count(*) as row_count, {{ rows_hash('t') if by_content else 'null' }} as content from {{ table }} as t
            where {{ fill_days(in_days(day), kept | map(attribute=0) | list) }} group by 1
        ) as n on m.day = n.day
      {%- else -%}
        select 0
      {%- endif %}
    {%- endcall %}
    {%- do adapter.commit() -%}
  {%- endfor -%}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do adapter.commit() -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ log(this.identifier ~ ': ' ~ changed | length ~ ' days rebuilt', info=false) }}
  {{ return({'relations': [table]}) }}
{% endmaterialization %}

{% macro create_empty(table, columns, sql) -%}
  {%- if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(sql) }}
    create or replace table {{ table }} {{ get_table_columns_and_constraints() }}
  {%- else -%}
    create or replace table {{ table }} (
      {% for column in columns %}{{ column.column }} {{ column.dtype }}{{ ', ' if not loop.last }}{% endfor %}
    )
  {%- endif -%}
{%- endmacro %}

{% macro same_columns(existing, columns) -%}
  {%- if existing is none or not existing.is_table -%}{{ return(false) }}{%- endif -%}
  {%- set old = adapter.get_columns_in_relation(existing) -%}
  {{ return(
    old | map(attribute='column') | map('lower') | sort == columns | map(attribute='column') | map('lower') | sort
  ) }}
{%- endmacro %}

{#
  The days that differ from their fingerprint: day, the fingerprint it should have (null: nothing is left of it), rows read,
  and the day's place among all days, the unchanged ones included.
#}
{% macro changed_days_sql(marks, expected) -%}
  select day, fingerprint, row_count, place
  from (
      select
          coalesce(e.day, m.day) as day,
          e.fingerprint,
          coalesce(e.row_count, 0) as row_count,
          row_number() over (order by coalesce(e.day, m.day)) as place,
          e.fingerprint is distinct from m.fingerprint as is_changed
      from ({{ expected }}) as e
      full outer join {{ marks }} as m on e.day = m.day
  ) as days
  where is_changed
  order by day
{%- endmacro %}

{#
  Runs of days without an unchanged one between them, together about a million rows read, so that memory stays flat, a
  day's rows lie together, and a run's range holds nothing that need not be read.
#}
{% macro chunks_of(rows) -%}
  {%- set chunks = [] -%}
  {%- set open = namespace(rows=0) -%}
  {%- for row in rows -%}
    {%- if not chunks or open.rows + row[2] > var('rows_per_chunk', 1500000) or row[3] > chunks[-1][-1][3] + 1 -%}
      {%- do chunks.append([]) -%}
      {%- set open.rows = 0 -%}
    {%- endif -%}
    {%- do chunks[-1].append(row) -%}
    {%- set open.rows = open.rows + row[2] | int -%}
  {%- endfor -%}
  {{ return(chunks) }}
{%- endmacro %}
