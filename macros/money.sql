{% macro money() %}decimal(38, 18){% endmacro %}
{% macro ratio() %}decimal(19, 18){% endmacro %}

{# The four costs of FOCUS, in the order in which every model shows them. #}
{% macro cost_bases() -%}
  {{ return(['list', 'contracted', 'billed', 'effective']) }}
{%- endmacro %}

{# The same in the charge's currency, then in USD. #}
{% macro cost_columns() -%}
  {%- set columns = [] -%}
  {%- for suffix in ['_cost', '_cost_usd'] -%}
    {%- for basis in cost_bases() -%}{%- do columns.append(basis ~ suffix) -%}{%- endfor -%}
  {%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{#
  An amount times a factor of at most 18 digits, rounded half up, once. Whole units and the rest are multiplied apart, since together
  they have more digits than an engine holds. Null where the factor is.
#}
{% macro times(amount, factor) -%}
  (
    try_cast(try_cast(trunc({{ amount }}) as decimal(20, 0)) * {{ factor }} as {{ money() }})
    + cast(cast({{ amount }} - trunc({{ amount }}) as decimal(18, 18)) * {{ factor }} as {{ money() }})
  )
{%- endmacro %}

{# An amount in USD at a rate of USD a unit. #}
{% macro in_usd(amount, currency, rate) -%}
  case when {{ currency }} = 'USD' then {{ amount }} else {{ times(amount, rate) }} end
{%- endmacro %}

{# An amount in USD in another currency, at a rate of USD a unit of it: a quotient, so not exact but where the rate is 1. #}
{% macro at_rate(amount, usd_per_unit) -%}
  case when {{ usd_per_unit }} = 1 then {{ amount }} else cast(cast({{ amount }} as double) / cast({{ usd_per_unit }} as double) as {{ money() }}) end
{%- endmacro %}

{# An amount at the ratio of two others that the same record states; a zero states nothing. #}
{% macro at_ratio(amount, over, under) -%}
  case
    when {{ amount }} = {{ under }} then nullif({{ over }}, 0)
    else cast(
      cast({{ amount }} as double) * nullif(cast({{ over }} as double), 0) / nullif(cast({{ under }} as double), 0)
    as {{ money() }})
  end
{%- endmacro %}

{# The rate of amounts taken together: the one that all have, else weighed by them; null where one has none. #}
{% macro joint_rate(rate, amount) -%}
  case
    when count(*) > count({{ rate }}) then null
    when min({{ rate }}) = max({{ rate }}) then min({{ rate }})
    else cast(
      cast(sum({{ as_weight(times('abs(' ~ amount ~ ')', rate)) }}) as double)
      / nullif(cast(sum({{ as_weight('abs(' ~ amount ~ ')') }}) as double), 0)
    as decimal(18, 12))
  end
{%- endmacro %}

{# An amount with fewer decimals, so that the sum of many that are as large as they may be fits; for what only weighs. #}
{% macro as_weight(amount) %}cast({{ amount }} as decimal(38, 12)){% endmacro %}

{#
  Exact shares, in two steps a caller writes as two selects, so that the parts of an amount always add up to it:

    1. rounded_share(amount, weight, whole)   the amount times weight over the whole's weight, rounded
    2. exact_part(amount, part, whole, rank)  that, and on the part of rank 1 also what rounding left over

  `whole` names the columns of the amount's key; `rank` is 1 for the part with the largest absolute weight (ties by key).
  The share is computed in double precision; what that loses is part of the remainder, and so is a part that would not fit (an
  amount of 20 integer digits can round up in a double). A null amount has null parts.
#}
{% macro rounded_share(amount, weight, whole) -%}
  case when {{ amount }} is not null then coalesce(try_cast(
    cast({{ amount }} as double) * (cast({{ weight }} as double) / nullif({{ ordered_sum(weight, whole) }}, 0))
  as {{ money() }}), 0) end
{%- endmacro %}

{# A sum in double precision that does not depend on the order in which rows come. #}
{% macro ordered_sum(weight, whole) -%}
  sum(cast({{ weight }} as double)) over (
    partition by {{ whole }} order by cast({{ weight }} as double) rows between unbounded preceding and unbounded following
  )
{%- endmacro %}

{% macro exact_part(amount, part, whole, rank) -%}
  {{ part }} + case when {{ rank }} = 1
    then {{ amount }} - cast(sum({{ part }}) over (partition by {{ whole }}) as {{ money() }}) else 0 end
{%- endmacro %}

{% macro largest_first(weight, whole, tie) -%}
  row_number() over (partition by {{ whole }} order by abs({{ weight }}) desc, {{ tie }})
{%- endmacro %}

{# The amounts that every part of a charge carries. #}
{% macro allocated_amounts() -%}
  {{ return(['allocation_ratio'] + cost_columns()) }}
{%- endmacro %}

{#
  The last two selects of a model that divides amounts: one row a part, `weight` its weight, `whole` the columns of what is
  divided, `tie` what tells its parts apart, `kept` the columns that come along.
#}
{% macro exact_parts(relation, whole, tie, kept, amounts=allocated_amounts()) -%}
, rounded as (

    {{ rounded_parts(relation, whole, tie, kept, amounts) }}

)

{{ whole_parts('rounded', whole, kept, amounts) }}
{%- endmacro %}

{# The same as two relations among others; the second is `name`. #}
{% macro exact_ctes(relation, name, whole, tie, kept, amounts=allocated_amounts()) -%}
{{ name }}_rounded as (

    {{ rounded_parts(relation, whole, tie, kept, amounts) }}

),

{{ name }} as (

    {{ whole_parts(name ~ '_rounded', whole, kept, amounts) }}

)
{%- endmacro %}

{% macro rounded_parts(relation, whole, tie, kept, amounts) -%}
    select
        {{ whole }},
        {{ kept | reject('in', whole.split(', ')) | join(', ') }},
        {% for amount in amounts -%}
            {{ amount }} as whole_{{ amount }},
            {{ rounded_share(amount, 'weight', whole) }} as {{ amount }},
        {% endfor -%}
        {{ largest_first('weight', whole, tie) }} as part_rank
    from {{ relation }}
{%- endmacro %}

{% macro whole_parts(relation, whole, kept, amounts) -%}
select
    {{ whole }},
    {{ kept | reject('in', whole.split(', ')) | join(', ') }},
    {% for amount in amounts -%}
        {{ exact_part('whole_' ~ amount, amount, whole, 'part_rank') }} as {{ amount }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ relation }}
{%- endmacro %}

{# How many decimals an amount really has. #}
{% macro decimal_digits(amount) -%}
  length(rtrim(split_part(cast({{ amount }} as varchar), '.', 2), '0'))
{%- endmacro %}
