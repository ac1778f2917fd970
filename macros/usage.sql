{#
  What daily usage is summed by. A target that nothing names is `(unallocated)` from here on, so that sums can be joined by
  equality; a provider or model that the log does not name stays null.
#}
{% macro usage_dimensions(from_calls=false, alias=none) -%}
  {%- set prefix = alias ~ '.' if alias else '' -%}
  {%- for column in ['call_date', 'source', 'provider', 'account', 'api_key', 'api_key_alias', 'model', 'service_tier', 'status', 'pricing_status', 'unpriced_reason'] -%}
    {{ prefix }}{{ column }},
  {% endfor -%}
  {%- for column in target_columns() -%}
    {%- if from_calls -%}coalesce({{ prefix }}{{ column }}, '(unallocated)') as {{ column }}{%- else -%}{{ prefix }}{{ column }}{%- endif -%}{{ ',' if not loop.last }}
  {% endfor -%}
{%- endmacro %}

{# The target tuple as one text: key of a part and breaker of ties. #}
{% macro target_key(alias=none) -%}
  {%- set prefix = alias ~ '.' if alias else '' -%}
  {%- for column in target_columns() -%}{{ prefix }}{{ column }}{{ " || '|' || " if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# The id of an accrued line: its grain. #}
{% macro accrued_line_id() -%}
  md5(
    'accrued|' || call_date || '|' || coalesce(provider, '') || '|' || coalesce(account, '') || '|' || coalesce(model, '') || '|' || token_class
    || coalesce('|' || commitment_id, '')
  )
{%- endmacro %}

{# A charge says itself whose it is. An environment alone does not. #}
{% macro has_target(alias) -%}
  coalesce({{ alias }}.team, {{ alias }}.product, {{ alias }}.feature, {{ alias }}.workflow, {{ alias }}.customer_id) is not null
{%- endmacro %}

{# Which targets are missing, in words; null where none is. #}
{% macro missing_targets() -%}
  nullif(concat_ws(', ', {% for target in allocation_targets() -%}
    case when {{ target_column(target) }} = '(unallocated)' then '{{ target }}' end{{ ', ' if not loop.last }}
  {%- endfor %}), '')
{%- endmacro %}

{# The class of a cost by the rules of `cost_classes`, first match by priority; null where none matches. #}
{% macro cost_class(day) -%}
  {%- if not execute -%}{%- do ref('stg_company__cost_classes') -%}{%- endif -%}
  {%- set branches = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        'select environment, workflow, customer_id, cost_class, valid_from, valid_to from ' ~ company_rows_now('cost_classes')
        ~ ' order by cast(priority as integer), environment, workflow, customer_id').rows -%}
      {%- set tests = [] -%}
      {%- for column in ['environment', 'workflow', 'customer_id'] -%}
        {%- set value = row[loop.index0] -%}
        {#- An environment is the same however it is written, as in is_production. #}
        {%- if value and column == 'environment' -%}{%- do tests.append('lower(environment) = ' ~ quoted(value | lower)) -%}
        {%- elif value -%}{%- do tests.append(column ~ ' = ' ~ quoted(value)) -%}{%- endif -%}
      {%- endfor -%}
      {%- if row[4] -%}{%- do tests.append(day ~ " >= date '" ~ row[4] ~ "'") -%}{%- endif -%}
      {%- if row[5] -%}{%- do tests.append(day ~ " < date '" ~ row[5] ~ "'") -%}{%- endif -%}
      {%- do branches.append('when ' ~ (tests | join(' and ') or 'true') ~ ' then ' ~ quoted(row[3])) -%}
    {%- endfor -%}
  {%- endif -%}
  /* config */ case {{ branches | join(' ') or 'when false then null' }} end /* end config */
{%- endmacro %}

{# What daily usage adds up, in order. #}
{% macro usage_sums() -%}
  {%- set columns = ['calls', 'mismatched_calls', 'traced_calls'] -%}
  {%- for meter in all_meters() -%}
    {%- do columns.append(quantity_of(meter)) -%}
    {%- for basis in metered_bases() -%}{%- do columns.append(meter ~ '_' ~ basis ~ '_cost_usd') -%}{%- endfor -%}
  {%- endfor -%}
  {{ return(columns + [
    'all_tokens', 'list_cost_usd', 'contracted_cost_usd', 'traced_contracted_cost_usd', 'reported_cost_usd', 'reference_list_cost_usd', 'gpu_seconds',
  ] + estimated_columns()) }}
{%- endmacro %}

{% macro sum_type(column) -%}
  {{ return(money() if column.endswith('_usd') else 'decimal(18, 6)' if column in ('seconds', 'gpu_seconds') else 'bigint') }}
{%- endmacro %}

{# Sums of whole numbers, under their own names. #}
{% macro whole_sums(columns) -%}
  {%- for column in columns -%}cast(sum({{ column }}) as bigint) as {{ column }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# Sums that a vendor's report does not tell. #}
{% macro untold_sums() -%}
  {%- for column in varargs -%}cast(null as {{ sum_type(column) }}) as {{ column }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro estimated_columns() -%}
  {{ return(['estimated_calls', 'estimated_all_tokens', 'estimated_list_cost_usd', 'estimated_contracted_cost_usd']) }}
{%- endmacro %}

{# What a sampled source would have shown of all calls: sums by rate over the rate. Where nothing is sampled, what was seen. #}
{% macro estimated_sums() -%}
  {%- for column in estimated_columns() -%}
    {%- set seen = column | replace('estimated_', '') -%}
    {%- set type = money() if seen.endswith('_usd') else 'bigint' -%}
    cast(sum(
        case when sample_rate is null then {{ seen }} else cast(round(cast({{ seen }} as double) / cast(sample_rate as double), {{ 18 if seen.endswith('_usd') else 0 }}) as {{ type }}) end
    ) as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
  {% endfor -%}
{%- endmacro %}
