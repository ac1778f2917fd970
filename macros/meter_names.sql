{#
  What the names of meters and SKUs tell of tokens. Clouds abbreviate them, each product in its own way:

    gpt 4.1 cached Inp glbl Tokens                        5.4 pp opt Gl 1M Tokens                  (Azure)
    Gemini 2.5 Flash GA Thinking Text Output - Predictions   Gemini 3 Flash Text Input Caching     (Vertex AI)
    Generate content input token count gemini 2.5 flash short input text                           (Gemini API)

  So these are rules for words, not for models: a new model needs none. The words of a name are its lower case with one blank
  around each.
#}
{% macro meter_words(name) -%}
  ' ' || trim(regexp_replace(lower({{ name }}), '[^a-z0-9.]+', ' ', 'g')) || ' '
{%- endmacro %}

{% macro words_of_meters() -%}
  {{ return({
    'input': 'input|inpt|inp|prompt',
    'output': 'output|outpt|outp|out|opt|completion',
    'cached': 'cached|cache|caching|ccchd|cchd|cd',
    'write': 'write|wr|creation',
    'text': 'text|txt',
    'audio': 'audio|aud',
    'image': 'image|img',
    'video': 'video',
    'tokens': 'tokens|token',
    'of_time': 'storage|hosting|hour|hours',
    'tier': 'batch|flex|priority|pp|std|standard|short|long|shortco|longco|ga|global|glbl|gl|regional|regnl|data zone|dzone|dz',
  }) }}
{%- endmacro %}

{% macro has_word(words, kinds) -%}
  regexp_matches({{ words }}, ' ({{ any_word(kinds) }}) ')
{%- endmacro %}

{% macro any_word(kinds) -%}
  {%- set known = words_of_meters() -%}
  {%- set found = [] -%}
  {%- for kind in kinds -%}{%- do found.append(known[kind]) -%}{%- endfor -%}
  {{ return(found | join('|')) }}
{%- endmacro %}

{# The class of the tokens that a meter counts; null where its name does not tell. What is kept in a cache is rented by time. #}
{% macro meter_token_class(words) -%}
  case
    when {{ has_word(words, ['of_time']) }} then null
    when {{ has_word(words, ['cached']) }} and {{ has_word(words, ['write']) }} then
      case when {{ words }} like '% 1h %' then 'cache_write_1h' else 'cache_write_5m' end
    when {{ has_word(words, ['cached']) }} then 'cache_read'
    {% for direction, class in [('input', 'input_uncached'), ('output', 'output')] -%}
      when {{ has_word(words, [direction]) }} then case
        {% if direction == 'output' %}when {{ words }} like '% thinking text %' then 'reasoning'{% endif %}
        when {{ has_word(words, ['text']) }} then '{{ class }}'
        when {{ has_word(words, ['audio']) }} then 'audio_{{ direction }}'
        when {{ has_word(words, ['image']) }} then 'image_{{ direction }}'
        else '{{ class }}'
      end
    {% endfor -%}
  end
{%- endmacro %}

{#
  The model: the words before those that say what is counted, or behind `token count` where a name begins with the method that
  was called. A kind of content is part of the model where a second one follows: `Gemini 3.1 Flash Image Text Output`. A bare
  version is a model of the family that the product names, else unknown.
#}
{% macro meter_model(words, product="''") -%}
  {%- set content = any_word(['text', 'audio', 'image', 'video']) -%}
  {%- set tier = any_word(['tier']) -%}
  {%- set aside = '(?: (?:' ~ any_word(['tier', 'cached', 'write']) ~ '))*' -%}
  {%- set counted = any_word(['input', 'output', 'cached', 'tokens']) -%}
  {%- set method = words ~ " like '%generate content %token count %'" -%}
  {%- set name = "regexp_extract(" ~ words ~ ", '^ (?:.* model as a service )?(.+?)" ~ aside ~ "(?: (?:thinking )?(?:" ~ content ~ "))?" ~ aside ~ " (?:" ~ counted ~ ") ', 1)" -%}
  {%- set behind = "regexp_extract(" ~ words ~ ", ' token count (?:for )?(.+?)(?: (?:" ~ content ~ '|' ~ counted ~ '|' ~ tier ~ "))* $', 1)" -%}
  {%- set behind_content = "regexp_extract(" ~ words ~ ", ' (?:" ~ content ~ ") (?:" ~ counted ~ ") token count (?:for )?(.+?)(?: (?:" ~ tier ~ "))* $', 1)" -%}
  {%- set model = "replace(case when " ~ method ~ " then coalesce(nullif(" ~ behind_content ~ ", ''), " ~ behind ~ ") else " ~ name ~ " end, ' ', '-')" -%}
  case
    when regexp_matches({{ model }}, '^[0-9]') then case when lower({{ product }}) like '%gpt%' then 'gpt-' || {{ model }} end
    else nullif({{ model }}, '')
  end
{%- endmacro %}

{# How many of what it counts a unit of price is: a thousand for `1K`, a million for `1M Tokens`. #}
{% macro units_of_price(unit) -%}
  cast(nullif(regexp_extract({{ unit }}, '^ *([0-9]{1,9})', 1), '') as decimal(18, 0)) * case lower(regexp_extract({{ unit }}, '^ *[0-9]{1,9}([KkMm])\b', 1))
    when 'k' then 1000 when 'm' then 1000000 else 1 end
{%- endmacro %}

{# What a Microsoft meter is of: Cognitive Services is an umbrella, under which the sub-category names the service. #}
{% macro microsoft_service(category, sub_category) -%}
  coalesce(case when {{ category }} = 'Cognitive Services' then {{ sub_category }} end, {{ category }})
{%- endmacro %}

{# How many tokens the unit of a Microsoft meter is that says by its name that it counts them: its unit is Units. #}
{% macro tokens_of_microsoft(unit, meter) -%}
  case
    when lower({{ unit }}) in ('units', '1', '1k', '1m') and {{ has_word(meter_words(meter), ['tokens']) }}
      then coalesce({{ units_of_price(unit) }}, 1)
  end
{%- endmacro %}

{# How many tokens a unit is: `Tokens`, `1K Tokens`, `Million Input Tokens`; null where it counts something else. #}
{% macro tokens_of_unit(unit) -%}
  case
    when lower({{ unit }}) in ('token', 'tokens') then 1
    when lower({{ unit }}) like '1k token%' or lower({{ unit }}) like '%thousand%tokens%' then 1000
    when lower({{ unit }}) like '1m token%' or lower({{ unit }}) like '%million%tokens%' then 1000000
  end
{%- endmacro %}

{# A model's name without the month and day that Azure's meters end it with. #}
{% macro without_month_and_day(model) -%}
  regexp_replace({{ model }}, '[- ](0[1-9]|1[0-2])[0-3][0-9]$', '')
{%- endmacro %}
