{# What a run costs, by cost basis of `unit_costs`. #}
{% macro bases_of_runs() -%}
  {{ return({
    'metered_list': 'list_cost_usd', 'metered_contracted': 'contracted_cost_usd', 'billed': 'billed_cost_usd',
    'effective': 'effective_cost_usd', 'fully_loaded': 'fully_loaded_cost_usd',
  }) }}
{%- endmacro %}

{% macro run_costs() %}{{ return(bases_of_runs().values() | list) }}{% endmacro %}

{# What fully loaded cost adds to effective cost, and the minutes of it. #}
{% macro run_cost_parts() %}{{ return(['infrastructure_cost_usd', 'licences_cost_usd', 'human_minutes', 'human_work_cost_usd']) }}{% endmacro %}

{#
  An attempt at an outcome with what its run costs. Human work on one of several outcomes of a run is that one's: it stands apart from
  what they share.
#}
{% macro attempt_columns(attempt, run, work) -%}
  {{ comma_list([
    'run_date', 'outcome_id', 'outcome_type', 'outcome_status', 'occurred_at', 'value_usd', 'link_method', 'link_confidence',
    'stated_workflow', 'stated_feature', 'stated_customer_id', 'all_sharers', 'all_rank', 'type_sharers', 'type_rank', 'trace_date',
  ], attempt) }},
  {{ comma_list(['trace_id', 'calls', 'unpriced_calls', 'uncosted_calls', 'unrated_efforts'] + target_columns() + run_costs() + run_cost_parts(), run) }},
  {{ comma_list(['apart_human_minutes', 'apart_human_work_cost_usd', 'own_human_minutes', 'own_human_work_cost_usd'], work) }}
{%- endmacro %}

{# An attempt at an outcome, with what one model bears of its run. #}
{% macro model_attempt_columns(attempt, part) -%}
  {{ comma_list(['run_date', 'outcome_id', 'all_sharers', 'all_rank', 'type_sharers', 'type_rank'], attempt) }},
  {{ comma_list(['trace_date', 'trace_id', 'model', 'prompt_version'] + run_costs(), part) }}
{%- endmacro %}

{# What an outcome bears of an amount of its run. #}
{% macro borne_by_outcome(amount, share) -%}
  {%- set work = {'human_minutes': 'human_minutes', 'human_work_cost_usd': 'human_work_cost_usd', 'fully_loaded_cost_usd': 'human_work_cost_usd'}.get(amount) -%}
  {%- if work -%}
    {{ shared_evenly('(' ~ amount ~ ' - coalesce(apart_' ~ work ~ ', 0))', share) }} + coalesce(own_{{ work }}, 0)
  {%- else -%}
    {{ shared_evenly(amount, share) }}
  {%- endif -%}
{%- endmacro %}

{# What the outcome itself says of a target, if it may. #}
{% macro stated_target(column) -%}
  {{ 'min(stated_' ~ column ~ '), ' if column in ['workflow', 'feature', 'customer_id'] }}
{%- endmacro %}

{# An amount's part of one of those who share it evenly: what rounding leaves over is the first one's. #}
{% macro shared_evenly(amount, share) -%}
  {%- set part = 'cast(round(cast(' ~ amount ~ ' as double) / ' ~ share ~ '_sharers, 18) as ' ~ money() ~ ')' -%}
  case
    when {{ share }}_sharers = 1 then {{ amount }}
    when {{ share }}_rank = 1 then {{ amount }} - {{ times(part, 'cast(' ~ share ~ '_sharers - 1 as decimal(18, 0))') }}
    else {{ part }}
  end
{%- endmacro %}

{#
  A model's part of what one of those who share it evenly bears: what its share of the models so far is more than without this one, so
  that the parts add up to the share, whatever it was rounded to.
#}
{% macro shared_step(cost, share) -%}
  case
    when {{ cost }} is not null
      then ({{ shared_evenly(cost ~ '_so_far', share) }}) - ({{ shared_evenly('(' ~ cost ~ '_so_far - ' ~ cost ~ ')', share) }})
  end
{%- endmacro %}

{# Sums of what runs cost, each with how many of them it is the cost of: of the others it is not known. #}
{% macro run_cost_sums() -%}
  {%- for cost in run_costs() -%}
    cast(sum({{ cost }}) as {{ money() }}) as {{ cost }},
    cast(coalesce(sum(units) filter (where {{ cost }} is not null), 0) as bigint) as {{ cost }}_runs{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
