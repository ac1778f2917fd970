{#
  How `allocation_rules` writes targets: `team=search & product=assist`. Of one target: its value; `*` where it is named without
  one; null where it is not named.
#}
{% macro named_target(text, target) -%}
  {%- set name = '&[ ]*' ~ target ~ ('(?:_id)?' if target == 'customer' else '') ~ '[ ]*' -%}
  {%- set text = "'&' || " ~ text ~ " || '&'" -%}
  case
    when {{ matches_pattern(text, name ~ '&') }} then '*'
    else {{ matched_group(text, name ~ '=[ ]*([^&]*?)[ ]*&', 1) }}
  end
{%- endmacro %}

{# What neither runs nor is used: of a cluster or of seats. OpenCost's own word. #}
{% macro is_idle(line) -%}
  contains(coalesce({{ line }}.resource_id, ''), '__idle__')
{%- endmacro %}

{# The part that a charge is of by itself: idle, unused_commitment; null where it is neither. #}
{% macro own_part(line) -%}
  case when {{ is_idle(line) }} then 'idle' when {{ line }}.commitment_discount_status = 'Unused' then 'unused_commitment' end
{%- endmacro %}

{# What tells bills of a vendor apart: the invoice, else the billing period. #}
{% macro bill_key(line) -%}
  {{ line }}.vendor || '|' || coalesce({{ line }}.billing_account_id, '') || '|' || {{ line }}.billing_currency || '|' || coalesce(
    'invoice ' || {{ line }}.invoice_id, 'period ' || cast({{ line }}.billing_period_start as varchar),
    'month ' || cast({{ month_of(line ~ '.charge_date') }} as varchar)
  )
{%- endmacro %}

{# Tax of the bill is on this charge, and tax that it pays back on what it takes back. #}
{% macro is_taxed(line) -%}
  (
    ({{ line }}.charge_category in ('Usage', 'Purchase') and {{ line }}.billed_cost <> 0)
    or ({{ line }}.charge_category = 'Adjustment' and {{ line }}.billed_cost < 0)
  )
{%- endmacro %}

{# A rule is about a charge; of what is idle or unused only where it says so. `part` is the part that the charge is of. #}
{% macro rule_is_about(rule, line, part) -%}
  (
    ({{ rule }}.provider is null or lower({{ line }}.provider) = lower({{ rule }}.provider))
    and ({{ rule }}.service is null or {{ line }}.service = {{ rule }}.service)
    and ({{ rule }}.charge_category is null or {{ line }}.charge_category = {{ rule }}.charge_category)
    and ({{ rule }}.account is null or {{ rule }}.account in ({{ line }}.billing_account_id, {{ line }}.sub_account_id))
    and (
      {{ rule }}.text is null
      or contains(
        lower(concat_ws(' ', {{ line }}.charge_description, {{ line }}.resource_id, {{ line }}.sku_id, {{ line }}.service_category)),
        lower({{ rule }}.text)
      )
    )
    and ({{ rule }}.tag is null or {{ has_tag(line ~ '.tags', rule ~ '.tag') }})
    and coalesce({{ rule }}.part, 'any other') = case when {{ part }} in ('idle', 'unused_commitment') then {{ part }} else 'any other' end
    and {{ is_valid(rule, line ~ '.charge_date') }}
  )
{%- endmacro %}

{# Which of the rules that are about a charge decides: an owner's before others, the lowest priority first. #}
{% macro rule_choice(line, rule) -%}
  row_number() over (
    partition by {{ line }}.charge_date, {{ line }}.cost_line_id order by {{ rule }}.method <> 'direct', {{ rule }}.priority, {{ rule }}.rule_id
  )
{%- endmacro %}

{# A rule of a chain takes over a part: what stands on the targets that it names, or on none; an environment alone is none. #}
{% macro rule_takes(rule, part) -%}
  (
    {% for target in allocation_targets() -%}
      {%- set value = part ~ '.' ~ target_column(target) -%}
      {%- set taken = rule ~ '.takes_' ~ target -%}
      ({{ taken }} is null or {{ value }} = {{ taken }} or ({{ taken }} = '*' and {{ value }} <> '(unallocated)')) and
    {% endfor -%}
    (not {{ rule }}.takes_nobody or ({% for column in target_columns() if column != 'environment' %}{{ part }}.{{ column }} = '(unallocated)'{{ ' and ' if not loop.last }}{% endfor %}))
  )
{%- endmacro %}

{# The priorities of the rules that hand on what others allocated: the steps of the chain, in order. #}
{% macro chain_steps() -%}
  {%- set steps = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        'select distinct cast(priority as integer) as priority from ' ~ company_rows_now('allocation_rules')
        ~ " where nullif(trim(takes), '') is not null order by 1").rows -%}
      {%- do steps.append(row[0]) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(steps) }}
{%- endmacro %}

{# Some rule follows this driver. #}
{% macro is_followed(driver) -%}
  {%- if not execute -%}{{ return(true) }}{%- endif -%}
  {{ return(run_query(
    'select count(*) from ' ~ company_rows_now('allocation_rules') ~ " where '" ~ driver ~ "' in (trim(driver), trim(method))").rows[0][0] > 0) }}
{%- endmacro %}

{# What a day bears of costs that run for several. #}
{% macro cost_of_a_day(costs) -%}
  cast({{ costs }}.effective_cost_usd / ({{ costs }}.part_to - {{ costs }}.part_from + 1) as {{ money() }})
{%- endmacro %}

{# What a rule says of the parts that it makes. #}
{% macro rule_columns() -%}
  {%- set columns = ['rule_id', 'rule_key', 'method', 'driver', 'is_listed', 'gives_all'] -%}
  {%- for target in allocation_targets() -%}{%- do columns.extend(['takes_' ~ target, 'gives_' ~ target]) -%}{%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{# What tells the parts of a charge apart, and the columns of each. #}
{% macro part_key() %}{{ return('charge_date, cost_line_id, rule_path, part, part_from, target_key') }}{% endmacro %}

{% macro part_columns() -%}
  {{ return([
    'charge_date', 'cost_line_id', 'rule_path', 'rule_id', 'method', 'driver', 'part', 'reason', 'part_from', 'part_to',
  ] + target_columns() + allocated_amounts()) }}
{%- endmacro %}

{# Parts that meet on one target are one, so that the next step finds each key once. #}
{% macro parts_by_key(parts, condition='true') -%}
    select
        {{ comma_list(part_columns() | reject('in', ['reason', 'part_to'] + allocated_amounts())) }},
        {{ target_key() }} as target_key,
        min(reason) as reason,
        max(part_to) as part_to,
        {% for amount in allocated_amounts() -%}
            cast(sum({{ amount }}) as {{ money() }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ parts }}
    where {{ condition }}
    group by all
{%- endmacro %}

{# The parts of one charge, rule, target and place of the team in the books together, with these amounts; `condition` says which. #}
{% macro parts_together(amounts, condition) -%}
    select
        charge_date,
        cost_line_id,
        rule_path,
        rule_id,
        method,
        driver,
        part,
        {{ targets() }},
        cost_class,
        place_from,
        min(part_from) as part_from,
        max(part_to) as part_to,
        min(reason) as reason,
        {% for amount in amounts -%}
            cast(sum({{ amount }}) as {{ money() }}) as {{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_ledger_parts') }}
    where {{ condition }}
    group by charge_date, cost_line_id, rule_path, rule_id, method, driver, part, {{ targets() }}, cost_class, place_from
{%- endmacro %}

{# Why nobody bears a part, or what it leaves open. #}
{% macro unallocated_reason(parts) -%}
  coalesce({{ parts }}.reason, 'not named: ' || {{ missing_targets() }})
{%- endmacro %}

{#
  Divides each row of `taken` by its rule, in exact steps: among the targets that the rule lists; else evenly over the days of its
  period, so that a new day never changes an earlier one, and each day's part by the drivers of that day. What a rule
  does not name of a part's targets stays as it was. Where a day has nothing of the driver, its part stays where it was.
  `taken`: part_key, the targets, part_to, rule_columns, driver_vendor and the amounts. `unseen`: whose driver_vendor is another on a day.
  Ends in the relation `name` with part_columns.
#}
{% macro divided_by_rules(taken, name, drivers, unseen=none) -%}
{%- set listed = name ~ '_listed' -%}
{%- set days = name ~ '_days' -%}
{%- set driven = name ~ '_driven' -%}
{%- set rule_text = ['rule_id', 'method', 'driver', 'reason', 'part_to', 'given_part'] %}
{{ listed }}_weighed as (

    select
        {{ comma_list(part_key().split(', ') + ['rule_id', 'method', 'driver', 'part_to'] + allocated_amounts(), 'taken') }},
        {{ handed_part('taken') }} as given_part,
        listed.reason,
        {% for column in target_columns() -%}
            coalesce(listed.{{ column }}, taken.{{ column }}) as given_{{ column }},
        {% endfor -%}
        sum(listed.weight) as weight
    from {{ taken }} as taken
    inner join {{ ref('int_allocation_targets') }} as listed on taken.rule_key = listed.rule_key
    where taken.is_listed
    group by all

),

{{ exact_ctes(listed ~ '_weighed', listed, part_key(), given_key(), rule_text + given_columns()) }},

{{ days }}_weighed as (

    select
        taken.*,
        days.part_date,
        1 as weight
    from {{ taken }} as taken,
        {{ each_day('taken.part_from', 'taken.part_to', 'days', 'part_date') }}
    where not taken.is_listed

),

{{ exact_ctes(days ~ '_weighed', days, part_key(), 'part_date', ['part_date'] + target_columns() + rule_columns() + ['driver_vendor']) }},

{{ driven }}_weighed as (

    select
        {{ comma_list(part_key().split(', ') + ['part_date', 'rule_id', 'method', 'driver'] + allocated_amounts(), 'days') }},
        days.part_date as part_to,
        case when drivers.is_idle then 'idle' else {{ handed_part('days') }} end as given_part,
        case
            when drivers.driver_date is null and days.driver in ('calls_cost', 'calls', 'tokens') then 'no calls on a day of the charge'
            when drivers.driver_date is null then 'no ' || days.driver || ' on a day of the charge'
        end as reason,
        {% for target in allocation_targets() -%}
            {%- set column = target_column(target) -%}
            case
                when drivers.driver_date is not null and (days.gives_all or days.gives_{{ target }} is not null) then drivers.{{ column }}
                else days.{{ column }}
            end as given_{{ column }},
        {% endfor -%}
        case
            when max(days.method) = 'even' or max(drivers.driver_date) is null then 1
            else sum(drivers.driver_value)
        end as weight
    from {{ days }} as days
    {% if unseen -%}
        left join {{ unseen }} as unseen on days.part_date = unseen.run_date and days.driver_vendor = unseen.vendor
    {% endif -%}
    left join {{ drivers }} as drivers
        on
            days.part_date = drivers.driver_date
            and days.driver = drivers.driver
            and {{ 'coalesce(unseen.cluster_vendor, days.driver_vendor)' if unseen else 'days.driver_vendor' }} = drivers.vendor
            and drivers.driver_value > 0
            {% for target in allocation_targets() -%}
                {%- set column = target_column(target) -%}
                and (days.takes_{{ target }} is distinct from '*' or days.{{ column }} = drivers.{{ column }})
                and (
                    coalesce(days.gives_{{ target }}, '*') = '*'
                    or days.gives_{{ target }} = drivers.{{ column }}
                    -- What is idle and nobody's is idle of those that the rule is limited to, too.
                    or (drivers.is_idle and drivers.{{ column }} = '(unallocated)')
                )
            {% endfor %}
    group by all

),

{{ exact_ctes(driven ~ '_weighed', driven, part_key() ~ ', part_date', given_key(), rule_text + given_columns()) }},

{{ name }} as (

    -- What a rule lists follows no driver.
    {% for parts, first_day, driver in [(listed, 'part_from', 'cast(null as varchar)'), (driven, 'part_date', 'driver')] -%}
        select
            charge_date,
            cost_line_id,
            case when rule_path = '' then rule_id else rule_path || ' > ' || rule_id end as rule_path,
            rule_id,
            method,
            {{ driver }} as driver,
            given_part as part,
            reason,
            {{ first_day }} as part_from,
            part_to,
            {% for column in target_columns() -%}
                given_{{ column }} as {{ column }},
            {% endfor -%}
            {{ comma_list(allocated_amounts()) }}
        from {{ parts }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)
{%- endmacro %}

{% macro given_columns() -%}
  {%- set columns = [] -%}
  {%- for column in target_columns() -%}{%- do columns.append('given_' ~ column) -%}{%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{% macro given_key() %}{{ return(given_columns() | join(" || '|' || ") ~ " || '|' || given_part") }}{% endmacro %}

{% macro same_columns_of(ours, theirs, columns) -%}
  {%- for column in columns -%}{{ ours }}.{{ column }} = {{ theirs }}.{{ column }}{{ ' and ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# Since when a team has stood at a place in the books; null where it stands at none. #}
{% macro place_from(places) -%}
  case when {{ places }}.team is not null then coalesce({{ places }}.valid_from, date '1900-01-01') end
{%- endmacro %}

{# What a rule hands on is no longer direct; what is idle or unused stays so. #}
{% macro handed_part(part) -%}
  case when {{ part }}.part = 'direct' and {{ part }}.rule_path <> '' then 'shared' else {{ part }}.part end
{%- endmacro %}

{% macro first_and_last_day(line=none) -%}
  {%- set prefix = line ~ '.' if line else '' -%}
  cast({{ prefix }}charge_period_start as date) as part_from,
  {{ last_day_of(prefix ~ 'charge_period_start', prefix ~ 'charge_period_end') }} as part_to
{%- endmacro %}

{#
  The charges that a rule divides, as `divided_by_rules` takes them: on no target yet, but for an environment of their own, and for labels of
  what served a model of the company's own. `part`: what they are of if neither idle nor unused.
#}
{% macro charges_by_rule(condition, part) -%}
    select
        charge_date,
        cost_line_id,
        '' as rule_path,
        coalesce(own_part, '{{ part }}') as part,
        {{ first_and_last_day() }},
        '' as target_key,
        {% for column in target_columns() -%}
            coalesce({{ column }}, '(unallocated)') as {{ column }},
        {% endfor -%}
        {{ comma_list(rule_columns() | reject('equalto', 'method')) }},
        case method when 'measured' then 'usage' else method end as method,
        driver_vendor,
        cast(1 as {{ money() }}) as allocation_ratio,
        {{ comma_list(cost_columns()) }}
    from {{ ref('int_charge_rules') }}
    where {{ condition }}
{%- endmacro %}
