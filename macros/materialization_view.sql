{% materialization view, adapter='duckdb' %}
  {#- In one statement, where dbt's own way makes a second view and renames both. A view has no place for its logic but its comment. -#}
  {%- set existing = load_cached_relation(this) -%}
  {%- set view = this.incorporate(type='view') -%}
  {%- if existing is not none and not existing.is_view -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% call statement('main') -%}
    create or replace view {{ view }} as (
      {{ sql }}
    );
    comment on view {{ view }} is '{{ logic_of(sql) }}'
  {%- endcall %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do adapter.commit() -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [view]}) }}
{% endmaterialization %}
