{#
  Work grows with what changed. A model `materialized='days'` is a table whose rows belong to a day (config `day`). Beside
  it, in the schema `fingerprints`, stands one row a day: a hash of all that the day was made from. At each build
  the days whose hash differs are rebuilt, the days that have nothing left are emptied, and no other day is touched.

  What a day is made from is found by walking the model's own parents:
    a landed source      the content hashes of the files that have rows on that day
    another days model   that day's fingerprint, or with meta.fingerprint `content` the hash of that day's rows (config
                         day_before, day_after: and its neighbours'; config day_map: and those of the days that this
                         model names, columns day and read_day; with meta.has_own_days there, also on days without rows)
    a view               its logic, and in turn its parents
    anything else        its rows; with meta.fingerprint `validity` those valid on the day, with
                         meta.fingerprint_days those whose named columns are the day (meta.has_own_days: also days that nothing
                         else has rows on)
  and from the model's own SQL, as compiled and as written. What lies between config markers (see company.sql) is left out
  of the compiled SQL, as the rows of that config are parents themselves.
#}

{# A model says with this where its rows are limited to the days being built; elsewhere it is always true. #}
{% macro in_days(column, before=0, after=0) -%}
  (1 = 1 /* days of {{ column }} {{ before }} {{ after }} */)
{%- endmacro %}

{% macro fill_days(sql, days) -%}
  {%- set filled = namespace(sql=sql) -%}
  {%- for column, before, after in modules.re.findall('\\(1 = 1 /\\* days of ([\\w.]+) (\\d+) (\\d+) \\*/\\)', sql) | unique -%}
    {%- set wide = [] -%}
    {%- for day in days -%}
      {%- for shift in range(-(before | int), (after | int) + 1) -%}
        {%- do wide.append(day + modules.datetime.timedelta(days=shift)) -%}
      {%- endfor -%}
    {%- endfor -%}
    {%- set marker = '(1 = 1 /* days of ' ~ column ~ ' ' ~ before ~ ' ' ~ after ~ ' */)' -%}
    {%- set filled.sql = filled.sql.replace(marker, one_of_days(column, wide | unique | sort)) -%}
  {%- endfor -%}
  {{ return(filled.sql) }}
{%- endmacro %}

{# A range, as engines carry it through joins to every scan; where it holds other days too, also a list, which they do not carry. #}
{% macro one_of_days(column, days) -%}
  {%- if not days -%}
    {{ return('1 = 0') }}
  {%- endif -%}
  {%- set range = column ~ " between date '" ~ days[0] ~ "' and date '" ~ days[-1] ~ "'" -%}
  {%- if (days[-1] - days[0]).days + 1 == days | length -%}
    {{ return(range) }}
  {%- else -%}
    {{ return('(' ~ range ~ ' and ' ~ column ~ " in (date '" ~ days | join("', date '") ~ "'))") }}
  {%- endif -%}
{%- endmacro %}

{% macro logic_of(sql) -%}
  {{ return(local_md5(modules.re.sub('(?s)/\\* config \\*/.*?/\\* end config \\*/', '', sql))) }}
{%- endmacro %}

{% macro marks_of(relation) -%}
  {{ return(api.Relation.create(database=relation.database, schema='fingerprints', identifier=relation.identifier, type='table')) }}
{%- endmacro %}

{# All parents that decide what a day is made from, each once, as relation and node. #}
{% macro day_parents(node, found) -%}
  {%- for id in node.depends_on.nodes if id not in found -%}
    {%- set parent = graph.nodes.get(id) or graph.sources.get(id) -%}
    {%- do found.update({id: parent}) -%}
    {%- if parent.config.materialized == 'view' and not (parent.config.meta.get('fingerprint') or parent.config.meta.get('fingerprint_days')) -%}
      {%- do day_parents(parent, found) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}

{% macro day_fingerprints_sql(sql) -%}
  {%- set found = {} -%}
  {%- do day_parents(model, found) -%}
  {%- set landed = [] -%}
  {%- set dated = {} -%}
  {%- set by_row = {} -%}
  {%- set views = [] -%}
  {%- set constant = [quoted(logic_of(sql)), quoted(local_md5(model.raw_code))] -%}
  {%- set own_days = [] -%}
  {%- if config.get('day_map') and graph.nodes['model.costgrain.' ~ config.get('day_map')].config.meta.get('has_own_days') -%}
    {%- do own_days.append('select day from ' ~ ref(config.get('day_map'))) -%}
  {%- endif -%}
  {%- for id, node in found.items() if id != 'model.costgrain.' ~ config.get('day_map') -%}
    {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias or node.identifier or node.name) -%}
    {%- set meta = node.config.meta -%}
    {%- if node.resource_type == 'source' and meta.get('landed') and 'day' in node.columns -%}
      {%- do landed.append(node.name) -%}
    {%- elif meta.get('fingerprint_days') -%}
      {%- do by_row.update({id: rows_by_day(relation, meta.fingerprint_days)}) -%}
      {%- if meta.get('has_own_days') -%}
        {%- for column in meta.fingerprint_days -%}{%- do own_days.append('select ' ~ column ~ ' as day from ' ~ relation) -%}{%- endfor -%}
      {%- endif -%}
    {%- elif meta.get('fingerprint') == 'validity' -%}
      {%- do by_row.update({id: rows_by_validity(relation)}) -%}
    {%- elif node.config.materialized == 'days' -%}
      {%- set mark = 'content' if meta.get('fingerprint') == 'content' else 'fingerprint' -%}
      {%- do dated.update({id: 'select day, ' ~ mark ~ ' as fingerprint, row_count from ' ~ marks_of(relation)}) -%}
    {%- elif node.config.materialized == 'view' and not meta.get('fingerprint') -%}
      {%- do views.append(relation) -%}
      {%- do constant.append(quoted(local_md5(node.raw_code))) -%}
    {%- else -%}
      {%- do constant.append('(select ' ~ rows_hash('t') ~ ' from ' ~ relation ~ ' as t)') -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if views -%}{%- do constant.append(view_logic(views)) -%}{%- endif -%}
  with marks as (
      {% if landed -%}
        {{ raw_marks(landed) }} {{ 'union all' if dated }}
      {% endif -%}
      {% for id, days in dated.items() -%}
        select '{{ id }}' as parent, day, fingerprint, row_count from ({{ days }}) {{ 'union all' if not loop.last }}
      {% endfor %}
  ),
  candidates as (
      select distinct day from marks
      {%- for days in own_days %} union {{ days }}{% endfor %}
  ),
  read_days as (
      select day from candidates
      {%- if config.get('day_map') %} union select read_day from {{ ref(config.get('day_map')) }}{% endif %}
  ),
  all_marks as (
      select parent, day, fingerprint, row_count from marks
      {% for id, rows in by_row.items() -%}
        union all select '{{ id }}' as parent, day, fingerprint, 0 as row_count from ({{ rows }})
      {% endfor %}
  ),
  parents as (
      {{ widened() }}
  ),
  constant as (
      select {{ constant | join(" || '|' || ") }} as fingerprint
  )
  select
      c.day,
      md5(max(constant.fingerprint) || '|' || coalesce({{ joined("p.parent || ':' || p.fingerprint", 'p.parent') }}, '')) as fingerprint,
      coalesce(sum(p.row_count), 0) as row_count
  from candidates as c
  cross join constant
  left join parents as p on c.day = p.day
  group by c.day
{%- endmacro %}

{# Each parent's days, each with the neighbours (day_before, day_after) and with the days that day_map names. #}
{% macro widened() -%}
  {%- set before = config.get('day_before', 0) -%}
  {%- set after = config.get('day_after', 0) -%}
  {%- set day_map = config.get('day_map') -%}
  {%- if not before and not after and not day_map -%}
    select parent, day, coalesce(fingerprint, '') as fingerprint, row_count from all_marks
  {%- else -%}
    select
        m.parent,
        pairs.day,
        {{ joined("m.day || coalesce(m.fingerprint, '')", 'm.day') }} as fingerprint,
        sum(case when m.day = pairs.day then m.row_count else 0 end) as row_count
    from (
        select distinct day + shift as day, day as read_day
        from all_marks cross join (values ({{ range(-after, before + 1) | join('), (') }})) as shifts (shift)
        {% if day_map %}union select day, read_day from {{ ref(day_map) }}{% endif %}
    ) as pairs
    inner join all_marks as m on pairs.read_day = m.day
    group by m.parent, pairs.day
  {%- endif -%}
{%- endmacro %}

{% macro raw_marks(sources) -%}
  select
      source as parent,
      day,
      {{ joined("file_hash || ':' || module_version || ':' || row_count", "file_hash || ':' || module_version || ':' || row_count") }} as fingerprint,
      sum(row_count) as row_count
  from raw.file_parts
  where source in ('{{ sources | join("', '") }}') and day is not null
  group by source, day
{%- endmacro %}

{% macro rows_by_day(relation, columns) -%}
  select day, {{ rows_hash('t.row_text', is_text=true) }} as fingerprint
  from (
      {% for column in columns -%}
        select r.{{ column }} as day, {{ row_text('r') }} as row_text from {{ relation }} as r {{ 'union all' if not loop.last }}
      {% endfor %}
  ) as t
  group by day
{%- endmacro %}

{% macro rows_by_validity(relation) -%}
  select d.day, {{ rows_hash('r') }} as fingerprint
  from read_days as d
  inner join {{ relation }} as r on d.day >= coalesce(r.valid_from, d.day) and d.day < coalesce(r.valid_to, d.day + 1)
  group by d.day
{%- endmacro %}

{# The days of a model whose fingerprint is not the one that was published: the days that a test must read. None: all. #}
{% macro unpublished_days(relation) -%}
  {%- if not execute or var('full_test') or not published_marks(relation) -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set days = [] -%}
  {%- for row in run_query(
      'select day from ' ~ marks_of(relation) ~ ' except select day from (select day, fingerprint from ' ~ marks_of(relation)
      ~ ' intersect select day, fingerprint from published.fingerprints.' ~ relation.identifier ~ ') order by day').rows -%}
    {%- do days.append(row[0]) -%}
  {%- endfor -%}
  {{ return(days) }}
{%- endmacro %}

{% macro published_marks(relation) -%}
  {{ return(run_query(
    "select count(*) from information_schema.tables where table_catalog = 'published' and table_schema = 'fingerprints'"
    ~ " and table_name = '" ~ relation.identifier ~ "'").rows[0][0] > 0) }}
{%- endmacro %}

{#
  dbt asks this macro for the rows that a generic test reads. For a days model: the days that were not published yet,
  with one day to either side, so that a row repeated across midnight is seen.
#}
{% macro duckdb__get_where_subquery(relation) -%}
  {%- set node = graph.nodes.get('model.costgrain.' ~ relation.identifier) if execute else none -%}
  {%- set conditions = [config.get('where')] if config.get('where') else [] -%}
  {%- if node and node.config.materialized == 'days' -%}
    {%- set days = unpublished_days(relation) -%}
    {%- if days is not none -%}
      {%- do conditions.append(fill_days(in_days(node.config.day, 1, 1), days)) -%}
    {%- endif -%}
  {%- endif -%}
  {%- if conditions -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') dbt_subquery') }}
  {%- else -%}
    {{ return(relation) }}
  {%- endif -%}
{%- endmacro %}

{# For tests written by hand: limits a days model to the days that were not published yet. #}
{% macro in_unpublished_days(relation, column) -%}
  {%- set days = unpublished_days(relation) if execute else none -%}
  {{ fill_days(in_days(column), days) if days is not none else in_days(column) }}
{%- endmacro %}

{# Fingerprints of the models before the marts travel with the marts, so that the next build knows what was tested and published. #}
{% macro carry_fingerprints() -%}
  {%- if execute -%}
    {%- for row in run_query(
        "select table_name from information_schema.tables where table_schema = 'fingerprints' and table_catalog = '" ~ target.database ~ "'").rows -%}
      {%- do run_query(
        'create or replace table marts.fingerprints.' ~ row[0] ~ ' as select * from ' ~ target.database ~ '.fingerprints.' ~ row[0] ~ ' order by day') -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
