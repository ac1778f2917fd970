{% macro money() %}decimal(38, 18){% endmacro %}
{% macro ratio() %}decimal(19, 18){% endmacro %}

{# The four costs of FOCUS, in the order in which every model shows them. #}
{% macro cost_bases() -%}
  {{ return(['list', 'contracted', 'billed', 'effective']) }}
{%- endmacro %}

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
    cast({{ amount }} as double) * (cast({{ weight }} as double) / nullif(sum(cast({{ weight }} as double)) over (partition by {{ whole }}), 0))
  as {{ money() }}), 0) end
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
  {{ return(['allocation_ratio', 'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost']) }}
{%- endmacro %}

{#
  The last two selects of a model that divides amounts: one row a part, `weight` its weight, `whole` the columns of what is
  divided, `tie` what tells its parts apart, `kept` the columns that come along.
#}
{% macro exact_parts(relation, whole, tie, kept, amounts=allocated_amounts()) -%}
, rounded as (

    select
        {{ whole }},
        {{ kept | reject('in', whole.split(', ')) | join(', ') }},
        {% for amount in amounts -%}
            {{ amount }} as whole_{{ amount }},
            {{ rounded_share(amount, 'weight', whole) }} as {{ amount }},
        {% endfor -%}
        {{ largest_first('weight', whole, tie) }} as part_rank
    from {{ relation }}

)

select
    {{ whole }},
    {{ kept | reject('in', whole.split(', ')) | join(', ') }},
    {% for amount in amounts -%}
        {{ exact_part('whole_' ~ amount, amount, whole, 'part_rank') }} as {{ amount }}{{ ',' if not loop.last }}
    {% endfor %}
from rounded
{%- endmacro %}

{# How many decimals an amount really has. #}
{% macro decimal_digits(amount) -%}
  length(rtrim(split_part(cast({{ amount }} as varchar), '.', 2), '0'))
{%- endmacro %}
