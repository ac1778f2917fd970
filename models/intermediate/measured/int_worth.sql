-- What workflows, features and experiments cost and are worth, against the month before, and beside it where the lines are.
{%- set lines = [
    'min_known_ratio', 'stop_below_return', 'fix_below_return', 'max_correction_ratio', 'min_success_ratio', 'scale_from_return',
    'max_cost_rise',
] %}
{%- set counts = ['runs', 'known_runs', 'successes', 'costed_successes', 'valued', 'stated', 'signed', 'corrected'] %}
with figures as (

    -- What runs in no known environment is left out where production is seen, and a row without a verdict where it is not.
    select
        *,
        {{ is_production('environment') }} as is_production,
        {% for scope, own in [('workflow', 'true'), ('feature', 'is_of_feature')] -%}
            max(case when {{ own }} and {{ is_production('environment') }} then 1 else 0 end) over (partition by month, {{ scope }}) = 0
            and environment = '(unallocated)' as is_only_of_{{ scope }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_value_figures') }}

),

scoped as (

    {% for scope_type, scope, condition in [
        ('workflow', 'workflow', 'is_production or is_only_of_workflow'),
        ('feature', 'feature', 'is_of_feature and (is_production or is_only_of_feature)'),
        ('experiment', "environment || ' / ' || workflow", "environment <> '(unallocated)' and not is_production"),
    ] -%}
        select
            '{{ scope_type }}' as scope_type,
            {{ scope }} as scope,
            month,
            {% for column in counts -%}
                sum({{ column }}) as {{ column }},
            {% endfor -%}
            max(case when environment <> '(unallocated)' then 1 else 0 end) = 1 as has_environment,
            max(maturity_days) as maturity_days,
            min(signed_off_by) as value_signed_off_by,
            sum(value_usd) as value_usd,
            sum(cost_usd) as cost_usd,
            sum(known_cost_usd) as known_cost_usd
        from figures
        where {{ condition }}
        group by 1, 2, 3
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

experiments as (

    select
        *,
        'experiment' as scope_type,
        environment || ' / ' || workflow as scope
    from {{ ref('int_experiments') }}

),

measured as (

    select
        coalesce(scoped.scope_type, experiments.scope_type) as scope_type,
        coalesce(scoped.scope, experiments.scope) as scope,
        coalesce(scoped.month, experiments.month) as month,
        coalesce(scoped.maturity_days, experiments.maturity_days, {{ var('maturity_days', 30) }}) as maturity_days,
        coalesce(scoped.has_environment, true) as has_environment,
        coalesce(experiments.runs, scoped.runs) as runs,
        coalesce(scoped.successes, 0) as successes,
        coalesce(experiments.cost_usd, scoped.cost_usd) as fully_loaded_cost_usd,
        scoped.value_signed_off_by,
        case when scoped.stated > 0 then 'stated' when scoped.valued > 0 then 'minutes_saved' end as value_source,
        coalesce(scoped.signed = scoped.successes and scoped.successes > 0, false) as is_value_signed,
        {{ share_of('coalesce(scoped.known_runs, 0)', 'coalesce(scoped.runs, experiments.runs)') }} as known_ratio,
        {{ share_of('scoped.successes', 'scoped.known_runs') }} as success_ratio,
        {{ share_of('scoped.corrected', 'scoped.known_runs') }} as correction_ratio,
        {{ per_unit('scoped.known_cost_usd', 'scoped.costed_successes') }} as cost_per_outcome_usd,
        {{ per_unit('scoped.value_usd', 'scoped.valued') }} as value_per_outcome_usd,
        experiments.production_runs,
        experiments.run_cost_usd,
        experiments.projected_cost_usd,
        experiments.projected_cost_low_usd,
        experiments.projected_cost_high_usd
    from scoped
    full outer join experiments
        on scoped.scope_type = experiments.scope_type and scoped.scope = experiments.scope and scoped.month = experiments.month

),

compared as (

    select
        measured.*,
        {{ held_against_a_line('measured.value_per_outcome_usd', 'measured.cost_per_outcome_usd') }} as return_ratio,
        {{ held_against_a_line('(measured.cost_per_outcome_usd - earlier.cost_per_outcome_usd)', 'earlier.cost_per_outcome_usd') }}
            as cost_change_ratio,
        {% for line in lines -%}
            {{ threshold(line) }} as {{ line }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from measured
    left join measured as earlier
        on
            measured.scope_type = earlier.scope_type
            and measured.scope = earlier.scope
            and measured.month = cast(earlier.month + interval '1' month as date)

)

select * from compared
