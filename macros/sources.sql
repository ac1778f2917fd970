{#
  What lands, and the staging models that hold it: the one list that a new source is added to.

    kind      calls: one row a call (call_columns). charges: one row a charge (charge_columns). usage: what a vendor reports
              of usage (usage_columns). business: all else.
    rows      the model that holds each landed row that counts; calls, charges: the one that holds these, where a row is not
              just one
    left_out  the model that holds each row that does not: repeated, replaced
    day       the column of its UTC day; none: not divided by days
    traces    calls: it is a tracing tool, whose traces go before a gateway's sessions
    book      charges: what kind of book it is (books_in_order)
    bucketed  a period of it lies in one file; gaps: the model that names the days that are missing
#}
{% macro landed_sources() -%}
  {{ return({
    'litellm': {'kind': 'calls', 'rows': 'stg_litellm__spend_logs', 'calls': 'stg_litellm__calls', 'left_out': 'stg_litellm__duplicates', 'day': 'call_date'},
    'llm_calls': {'kind': 'calls', 'rows': 'stg_llm_calls__calls', 'left_out': 'stg_llm_calls__duplicates', 'day': 'call_date'},
    'otel': {'kind': 'calls', 'rows': 'stg_otel__spans', 'calls': 'stg_otel__calls', 'left_out': 'stg_otel__duplicates', 'day': 'span_date', 'traces': true},
    'langfuse': {'kind': 'calls', 'rows': 'stg_langfuse__observations', 'calls': 'stg_langfuse__calls', 'left_out': 'stg_langfuse__duplicates', 'day': 'span_date', 'traces': true},
    'focus': {'kind': 'charges', 'rows': 'stg_focus__cost_lines', 'left_out': 'stg_focus__superseded', 'day': 'charge_date', 'book': 'cloud_bill'},
    'openai_usage': {'kind': 'usage', 'rows': 'stg_openai_usage__results', 'left_out': 'stg_openai_usage__superseded', 'day': 'usage_date', 'bucketed': true, 'gaps': 'stg_openai_usage__gaps'},
    'anthropic_usage': {'kind': 'usage', 'rows': 'stg_anthropic_usage__results', 'left_out': 'stg_anthropic_usage__superseded', 'day': 'usage_date', 'bucketed': true, 'gaps': 'stg_anthropic_usage__gaps'},
    'openai_costs': {'kind': 'charges', 'rows': 'stg_openai_costs__costs', 'left_out': 'stg_openai_costs__superseded', 'day': 'charge_date', 'book': 'cost_report', 'bucketed': true, 'gaps': 'stg_openai_costs__gaps'},
    'anthropic_cost': {'kind': 'charges', 'rows': 'stg_anthropic_cost__costs', 'left_out': 'stg_anthropic_cost__superseded', 'day': 'charge_date', 'book': 'cost_report', 'bucketed': true, 'gaps': 'stg_anthropic_cost__gaps'},
    'litellm_prices': {'kind': 'business', 'rows': 'stg_litellm_prices__models', 'left_out': 'stg_litellm_prices__left_out'},
    'customers': {'kind': 'business', 'rows': 'stg_customers__customers', 'left_out': 'stg_customers__replaced'},
    'revenue': {'kind': 'business', 'rows': 'stg_revenue__revenue', 'left_out': 'stg_revenue__replaced'},
    'oci_cost': {'kind': 'charges', 'rows': 'stg_oci_cost__cost_lines', 'left_out': 'stg_oci_cost__duplicates', 'day': 'charge_date', 'book': 'native_bill'},
    'aws_cur': {'kind': 'charges', 'rows': 'stg_aws_cur__lines', 'charges': 'stg_aws_cur__charges', 'left_out': 'stg_aws_cur__superseded', 'day': 'charge_date', 'book': 'native_bill'},
    'azure_cost': {'kind': 'charges', 'rows': 'stg_azure_cost__cost_lines', 'left_out': 'stg_azure_cost__left_out', 'day': 'charge_date', 'book': 'native_bill'},
    'gcp_billing': {'kind': 'charges', 'rows': 'stg_gcp_billing__cost_lines', 'left_out': 'stg_gcp_billing__superseded', 'day': 'charge_date', 'book': 'native_bill'},
    'invoices': {'kind': 'charges', 'rows': 'stg_invoices__lines', 'left_out': 'stg_invoices__duplicates', 'day': 'charge_date', 'book': 'invoice'},
    'licences': {'kind': 'charges', 'rows': 'stg_licences__seats', 'charges': 'stg_licences__charges', 'left_out': 'stg_licences__superseded', 'day': 'charge_date', 'book': 'seats'},
    'copilot': {'kind': 'charges', 'rows': 'stg_copilot__usage', 'left_out': 'stg_copilot__superseded', 'day': 'charge_date', 'book': 'cost_report'},
    'opencost': {'kind': 'charges', 'rows': 'stg_opencost__allocations', 'left_out': 'stg_opencost__superseded', 'day': 'charge_date', 'book': 'platform'},
    'budgets': {'kind': 'business', 'rows': 'stg_budgets__budgets', 'left_out': 'stg_budgets__replaced'},
    'human_effort': {'kind': 'business', 'rows': 'stg_human_effort__efforts', 'left_out': 'stg_human_effort__replaced'},
    'outcomes': {'kind': 'business', 'rows': 'stg_outcomes__outcomes', 'left_out': 'stg_outcomes__replaced'},
  }) }}
{%- endmacro %}

{# The models of a kind: source -> the model that holds its calls, charges or usage. #}
{% macro models_of(kind) -%}
  {%- set found = {} -%}
  {%- for name, parts in landed_sources().items() if parts.kind == kind -%}
    {%- do found.update({name: parts.get(kind, parts.rows)}) -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}

{# 0 for a record of a tracing tool, else 1. #}
{% macro tracing_rank(source) -%}
  {%- set names = [] -%}
  {%- for name, parts in landed_sources().items() if parts.get('traces') -%}{%- do names.append(quoted(name)) -%}{%- endfor -%}
  case when {{ source }} in ({{ names | join(', ') }}) then 0 else 1 end
{%- endmacro %}

{% macro bucketed_sources() -%}
  {%- set names = ["''"] -%}
  {%- for name, parts in landed_sources().items() if parts.get('bucketed') -%}{%- do names.append(quoted(name)) -%}{%- endfor -%}
  {{ return(names | join(', ')) }}
{%- endmacro %}

{# The sources that are bills or a vendor's report of costs, as a list of texts. #}
{% macro billing_sources() -%}
  {%- set names = [] -%}
  {%- for name, parts in landed_sources().items() if parts.get('book') in ['cloud_bill', 'native_bill', 'invoice', 'cost_report'] -%}
    {%- do names.append(quoted(name)) -%}
  {%- endfor -%}
  {{ return(names | join(', ')) }}
{%- endmacro %}
