select
    md5(scope_type || '|' || scope || '|' || month) as value_verdict_key,
    scope_type,
    scope,
    month,
    case
        {% for rule, verdict, condition, words in verdict_rules() -%}
            when {{ condition }} then '{{ verdict }}'
        {% endfor -%}
    end as verdict,
    case
        {% for rule, verdict, condition, words in verdict_rules() -%}
            when {{ condition }} then '{{ rule }}'
        {% endfor -%}
    end as verdict_rule,
    case
        {% for rule, verdict, condition, words in verdict_rules() -%}
            when {{ condition }} then {{ words }}
        {% endfor -%}
    end as verdict_reason,
    value_source,
    value_signed_off_by,
    is_value_signed,
    {{ is_immature("month + interval '1' month", 'maturity_days') }} as is_provisional,
    cast(runs as bigint) as run_count,
    cast(successes as bigint) as success_count,
    cast(production_runs as bigint) as production_run_count,
    known_ratio,
    success_ratio,
    correction_ratio,
    return_ratio,
    cost_change_ratio,
    cast(fully_loaded_cost_usd as {{ money() }}) as fully_loaded_cost_usd,
    cost_per_outcome_usd,
    value_per_outcome_usd,
    run_cost_usd,
    projected_cost_usd,
    projected_cost_low_usd,
    projected_cost_high_usd
from {{ ref('int_worth') }}
