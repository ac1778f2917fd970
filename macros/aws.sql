{#
  What AWS's usage types tell of tokens. They are written in several ways: `USE1-Claude3Sonnet-input-tokens`,
  `USE1-NovaPro-cache-read-input-token-count`, `USE1-openai.gpt-oss-120b-mantle-output-tokens-standard`, and on the
  marketplace, where the product is the model, `USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units`.
#}

{# The class of the tokens that a usage type counts. AWS counts cached tokens beside the input, reasoning in the output. #}
{% macro aws_token_class(usage_type) -%}
  {%- set told = "lower(" ~ usage_type ~ ")" -%}
  case
    when {{ told }} not like '%token%' or {{ told }} like '%video%' then null
    when {{ told }} like '%cache%read%' then 'cache_read'
    when {{ told }} like '%cache%write%1h%' or {{ told }} like '%cache%write%1-h%' then 'cache_write_1h'
    when {{ told }} like '%cache%write%' then 'cache_write_5m'
    {% for direction, class in [('input', 'input_uncached'), ('output', 'output')] -%}
      when {{ told }} like '%{{ direction }}%' then case
        when {{ told }} like '%audio%' or {{ told }} like '%speech%' then 'audio_{{ direction }}'
        when {{ told }} like '%image%' then 'image_{{ direction }}'
        else '{{ class }}'
      end
    {% endfor -%}
  end
{%- endmacro %}

{# The model that a line is for: what was called where the line names it, else the name that the bill has for it. #}
{% macro aws_model(resource, usage_type, service) -%}
  coalesce(
    nullif(regexp_extract({{ resource }}, '(?:foundation-model|:inference-profile)/(.+)$', 1), ''),
    nullif(regexp_extract(
      {{ usage_type }},
      '^[A-Za-z0-9]+-([^:]+?)-(mantle-)?((audio|image|speech|text|video)-)?(cache-(read|write)|input|output)-', 1
    ), ''),
    nullif(regexp_extract({{ service }}, '^(.+) [(]Amazon Bedrock Edition[)]$', 1), '')
  )
{%- endmacro %}
