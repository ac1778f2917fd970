{# What a bill tells of a charge that only FOCUS asks for: column -> type. #}
{% macro charge_detail_types() -%}
  {%- set types = {'billing_period_end': 'timestamp', 'tags': 'map(varchar, varchar)'} -%}
  {%- for name in [
    'billing_account_name', 'billing_account_type', 'sub_account_name', 'sub_account_type', 'resource_name', 'resource_type', 'region_name',
    'availability_zone', 'service_subcategory', 'sku_meter', 'sku_price_id', 'sku_price_details', 'pricing_category', 'pricing_unit',
    'pricing_currency', 'commitment_discount_category', 'commitment_discount_name', 'commitment_discount_type', 'commitment_discount_unit',
    'capacity_reservation_id', 'capacity_reservation_status',
  ] -%}{%- do types.update({name: 'varchar'}) -%}{%- endfor -%}
  {%- for name in [
    'pricing_quantity', 'list_unit_price', 'contracted_unit_price', 'commitment_discount_quantity', 'pricing_currency_list_unit_price',
    'pricing_currency_contracted_unit_price', 'pricing_currency_effective_cost',
  ] -%}{%- do types.update({name: money()}) -%}{%- endfor -%}
  {{ return(types) }}
{%- endmacro %}

{# These columns in a source's charges: the expressions that it gives, else null. #}
{% macro charge_details() -%}
  {%- for name, type in charge_detail_types().items() -%}
    cast({{ kwargs.get(name, 'null') }} as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{# The 57 columns of FOCUS 1.2 in the order of its data dictionary. #}
{% macro focus_columns() -%}
  {{ return((
    'AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency BillingPeriodEnd '
    ~ 'BillingPeriodStart CapacityReservationId CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription ChargeFrequency '
    ~ 'ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName '
    ~ 'CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit '
    ~ 'ContractedCost ContractedUnitPrice EffectiveCost InvoiceId InvoiceIssuerName ListCost ListUnitPrice PricingCategory '
    ~ 'PricingCurrency PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity '
    ~ 'PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName '
    ~ 'ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName SubAccountType Tags'
  ).split()) }}
{%- endmacro %}

{# What stands beside them, as `x_…`: what FOCUS has no place for, and what the bill says where FOCUS's rules ask for another word. #}
{% macro focus_own_columns() -%}
  {{ return({
    'x_CostLineId': 'cost_line_id', 'x_UsageMonth': 'usage_month', 'x_CostStatus': 'cost_status', 'x_Source': 'source',
    'x_Vendor': 'vendor', 'x_Model': 'model', 'x_TokenClass': 'token_class', 'x_Environment': 'environment', 'x_Team': 'team',
    'x_Product': 'product', 'x_Feature': 'feature', 'x_Workflow': 'workflow', 'x_CustomerId': 'customer_id',
    'x_StatedChargeCategory': 'stated_charge_category', 'x_StatedServiceCategory': 'service_category',
    'x_StatedProviderName': 'provider', 'x_StatedInvoiceIssuerName': 'invoice_issuer', 'x_StatedConsumedUnit': 'consumed_unit',
    'x_StatedPricingUnit': 'pricing_unit', 'x_SourceFileHash': 'file_hash', 'x_SourceRow': 'file_row', 'x_HasConsumedQuantity': 'has_consumed_quantity', 'x_HasListCost': 'has_list_cost',
    'x_HasContractedCost': 'has_contracted_cost', 'x_ListCostUsd': 'list_cost_usd', 'x_ContractedCostUsd': 'contracted_cost_usd',
    'x_BilledCostUsd': 'billed_cost_usd', 'x_EffectiveCostUsd': 'effective_cost_usd',
  }) }}
{%- endmacro %}

{# A text, or null where it is blank: FOCUS has no empty values. #}
{% macro told(text) -%}
  nullif(trim({{ text }}), '')
{%- endmacro %}

{# Whether FOCUS's unit format allows it: `GB-Hours`, `Requests/Second`, `1000000 Tokens`. #}
{% macro is_focus_unit(unit) -%}
  {%- set counted = '[A-Za-z][A-Za-z0-9]*(?: [A-Za-z][A-Za-z0-9]*)*' -%}
  {%- set times = '(?:Years|Months|Days|Hours|Minutes|Seconds)' -%}
  {%- set time = '(?:Year|Month|Day|Hour|Minute|Second)' -%}
  regexp_matches({{ unit }}, '^(?:(?:[0-9]+ )?{{ counted }}|{{ counted }}-{{ times }}|{{ counted }}/(?:{{ time }}|[0-9]+ {{ times }}))$')
{%- endmacro %}

{# A unit in that format: as the bill writes it where that is one, else its words alone; a bare number or nothing is `Units`. #}
{% macro focus_unit(stated) -%}
  {%- set unit = "replace(replace(replace(" ~ stated ~ ", '-months', '-Months'), '-days', '-Days'), '-hours', '-Hours')" -%}
  {%- set words = "trim(regexp_replace(regexp_replace(" ~ unit ~ ", '[^A-Za-z0-9]+', ' ', 'g'), '^([0-9]+)([A-Za-z])', '\\1 \\2'))" -%}
  {%- set capital = "case when " ~ unit ~ " = lower(" ~ unit ~ ") then upper(left(" ~ words ~ ", 1)) || substr(" ~ words ~ ", 2) else " ~ words ~ " end" -%}
  case
    when {{ unit }} <> lower({{ unit }}) and {{ is_focus_unit(unit) }} then {{ unit }}
    when {{ is_focus_unit(capital) }} then {{ capital }}
    else 'Units'
  end
{%- endmacro %}

{# The name of a meter of a model, for people. #}
{% macro meter_name(token_class) -%}
  {%- set names = {
    'input_uncached': 'Input Tokens', 'cache_read': 'Cached Input Tokens', 'cache_write_5m': 'Cache Write Tokens, 5 Minutes',
    'cache_write_1h': 'Cache Write Tokens, 1 Hour', 'output': 'Output Tokens', 'reasoning': 'Reasoning Tokens',
    'audio_input': 'Audio Input Tokens', 'audio_output': 'Audio Output Tokens', 'image_input': 'Image Input Tokens',
    'image_output': 'Image Output Tokens', 'requests': 'Requests', 'web_searches': 'Web Searches', 'seconds': 'Seconds',
    'images': 'Images', 'characters': 'Characters',
  } -%}
  case {{ token_class }}{% for class, name in names.items() %} when '{{ class }}' then '{{ name }}'{% endfor %} end
{%- endmacro %}

{# The price of one unit, never below zero; null where it has more digits than money holds. #}
{% macro price_of_unit(cost, quantity) -%}
  try_cast(cast({{ cost }} as double) / nullif(cast({{ quantity }} as double), 0) as {{ money() }})
{%- endmacro %}

{#
  Price times quantity is the cost, as FOCUS's validator asks: in double precision, within a billionth of the cost, or of
  `least` where the cost is smaller.
#}
{% macro is_product(price, quantity, cost, least='1') -%}
  coalesce(
    abs(cast({{ price }} as double) * cast({{ quantity }} as double) - cast({{ cost }} as double))
    <= 0.000000001 * greatest(abs(cast({{ cost }} as double)), {{ least }}), false
  )
{%- endmacro %}

{#
  The rules of a kind, by the seed focus_rules, that rows of the mart break: none in a good one. All are counted in
  one scan, of the mart's table (with our own columns) and its days that are not published yet.
#}
{% macro broken_focus_rules(kind) -%}
  {%- set rules = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        "select rule, broken_if from read_csv('seeds/reference/focus_rules.csv', header = true, all_varchar = true) where kind = " ~ quoted(kind)
        ~ ' order by rule, broken_if').rows -%}
      {%- do rules.append((row[0], row[1].replace('{subcategories}', ref('focus_service_subcategories') | string))) -%}
    {%- endfor -%}
  {%- endif %}
with counted as (

    select
        {% for rule, broken_if in rules -%}
            count(*) filter (where {{ broken_if }}) as broken_{{ loop.index }},
        {% endfor -%}
        count(*) as row_count
    from {{ ref('focus_1_2_cost_and_usage_x') }}
    where {{ in_unpublished_days(ref('focus_1_2_cost_and_usage_x'), 'x_ChargeDate') }}

)

select rule, broken_rows
from (
    {% for rule, broken_if in rules -%}
        select {{ quoted(rule) }} as rule, broken_{{ loop.index }} as broken_rows from counted
        union all
    {% endfor -%}
    select 'no rule of this kind', {{ 0 if rules else 1 }} from counted
) as found
where broken_rows > 0
{%- endmacro %}

{# A mart in a view of another: without the name of its file, so that the view holds whatever name that is opened by. #}
{% macro beside(mart) -%}
  {{ return(mart.include(database=false)) }}
{%- endmacro %}

{# FOCUS bills in ISO's currencies alone: of any other, or of none, it says that there is none. #}
{% macro focus_currency(currency) -%}
  case when {{ matches_pattern(currency, '^[A-Z]{3}$') }} then {{ currency }} else 'XXX' end
{%- endmacro %}
