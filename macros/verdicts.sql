{# A line of `verdict_thresholds`. #}
{% macro threshold(name) -%}
  (select max(lines.threshold_value) from {{ ref('stg_company__verdict_thresholds') }} as lines where lines.threshold = '{{ name }}')
{%- endmacro %}

{# A quotient of which nine decimals are meant: what lies on a line of `verdict_thresholds` is on it. #}
{% macro held_against_a_line(amount, by) -%}
  cast(round({{ per_unit(amount, by) }}, 9) as {{ money() }})
{%- endmacro %}

{# The rules of `value_verdicts` in their order: (rule, verdict, when it holds, in words). The first that holds decides. #}
{% macro verdict_rules() -%}
  {{ return([
    ('no_environment', 'unknown', 'not has_environment', "'none of its runs names its environment, so whether they are production is not known'"),
    ('few_outcomes', 'unknown', 'known_ratio < min_known_ratio', "'of ' || " ~ shown('known_ratio') ~ " || ' of the runs the outcome is known'"),
    ('no_cost', 'unknown', 'cost_per_outcome_usd is null', "'no success has a known cost'"),
    ('no_value', 'unknown', 'value_per_outcome_usd is null', "'nobody says what a success is worth: outcomes.value or config value_baselines'"),
    ('not_worth_half', 'stop', 'return_ratio < stop_below_return', return_words()),
    ('not_worth_it', 'fix', 'return_ratio < fix_below_return', return_words()),
    ('much_correction', 'fix', 'correction_ratio > max_correction_ratio',
      "'people correct ' || " ~ shown('correction_ratio') ~ " || ' of its outcomes; ' || " ~ return_words()),
    ('many_failures', 'fix', 'success_ratio < min_success_ratio', "'it succeeds in ' || " ~ shown('success_ratio') ~ " || '; ' || " ~ return_words()),
    ('dearer', 'keep', 'cost_change_ratio > max_cost_rise',
      "'its cost per outcome rose by ' || " ~ shown('cost_change_ratio') ~ " || '; ' || " ~ return_words()),
    ('not_signed', 'keep', 'return_ratio >= scale_from_return and not is_value_signed', "'nobody signed off its value; ' || " ~ return_words()),
    ('worth_much', 'scale', 'return_ratio >= scale_from_return', return_words()),
    ('worth_it', 'keep', 'true', return_words()),
  ]) }}
{%- endmacro %}

{# A ratio in words. #}
{% macro shown(ratio) -%}
  coalesce(cast(cast(round(100 * cast({{ ratio }} as double), 1) as decimal(18, 1)) as varchar) || ' %', 'an unknown share')
{%- endmacro %}

{% macro return_words() -%}
  'a success costs ' || cast(cast(cost_per_outcome_usd as decimal(18, 4)) as varchar) || ' and is worth '
  || cast(cast(value_per_outcome_usd as decimal(18, 4)) as varchar) || ' USD'
{%- endmacro %}

{# What a cost is at another number of runs. #}
{% macro projected(cost, runs) -%}
  cast(round(cast({{ cost }} as double) * cast({{ runs }} as double), 18) as {{ money() }})
{%- endmacro %}
