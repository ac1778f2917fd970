{# The columns of a charge that every source of charges gives, apart from its targets. #}
{% macro charge_columns(alias=none) -%}
  {{ comma_list(charge_column_names(), alias) }}
{%- endmacro %}

{% macro charge_column_names() -%}
  {{ return([
    'cost_line_id', 'charge_date', 'source', 'file_hash', 'file_row', 'provider', 'publisher', 'service', 'service_category',
    'charge_category', 'charge_class', 'charge_description', 'charge_frequency', 'charge_period_start', 'charge_period_end',
    'billing_period_start', 'billing_account_id', 'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'sku_id', 'region',
    'model', 'token_class', 'commitment_discount_id', 'commitment_discount_status', 'is_explanation', 'consumed_quantity',
    'consumed_unit', 'billing_currency', 'list_cost', 'contracted_cost', 'billed_cost', 'effective_cost',
    'stated_cost_usd', 'tags',
  ]) }}
{%- endmacro %}

{# A currency's code, however it is written. #}
{% macro currency_of(column) -%}
  upper(trim({{ column }}))
{%- endmacro %}

{# An amount of a FOCUS line that is priced in dollars and billed in another currency, in dollars. #}
{% macro priced_in_usd(amount) -%}
  case when {{ currency_of('PricingCurrency') }} = 'USD' then {{ at_ratio(amount, 'PricingCurrencyEffectiveCost', 'EffectiveCost') }} end
{%- endmacro %}

{# The id of a charge: its landed columns, and an ordinal among equal ones, since equal lines in one bill are separate charges. #}
{% macro cost_line_id(text) -%}
  md5({{ text }} || '|' || row_number() over (partition by day, {{ text }} order by _file_hash, _row))
{%- endmacro %}

{#
  Whose charge it is, by `billing_sources` and then the seed vendor_names: lower case words that a name of service or provider
  holds. A name of who is paid holds them as whole words, with or without spaces, and may go on with what such names end in:
  MistralAI is mistral, Lawson is not aws. What neither knows is the provider by its name in calls, or `(unknown)`.
#}
{% macro vendor_of(source, provider, service, publisher) -%}
  {%- if not execute -%}{%- do ref('stg_company__billing_sources') -%}{%- endif -%}
  {%- set branches = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        'select ' ~ provider_of('vendor') ~ ' as vendor, source, bill_provider, bill_service from ' ~ company_rows_now('billing_sources')
        ~ ' where bill_provider is not null or bill_service is not null order by 1, 2, 3, 4').rows -%}
      {%- set tests = [source ~ ' = ' ~ quoted(row[1])] -%}
      {%- if row[2] -%}{%- do tests.append(provider ~ ' = ' ~ quoted(row[2])) -%}{%- endif -%}
      {%- if row[3] -%}{%- do tests.append(service ~ ' = ' ~ quoted(row[3])) -%}{%- endif -%}
      {%- do branches.append('when ' ~ tests | join(' and ') ~ ' then ' ~ quoted(row[0])) -%}
    {%- endfor -%}
    {%- for row in run_query(
        "select vendor, named_in, words from read_csv('seeds/reference/vendor_names.csv', header = true, all_varchar = true)"
        ~ ' order by cast(priority as integer), vendor, words').rows -%}
      {%- if row[1] == 'service' -%}
        {%- set test = 'contains(lower(' ~ service ~ '), ' ~ quoted(row[2]) ~ ')' -%}
      {%- else -%}
        {%- set name = {'provider': provider, 'publisher': publisher}[row[1]] -%}
        {%- set words = modules.re.sub('[^a-z0-9]+', '[^a-z0-9]*', row[2]) -%}
        {%- set test = matches_pattern('lower(' ~ name ~ ')', '(^|[^a-z0-9])' ~ words ~ '(ai|api|cloud|corp|inc|llc|ltd)*([^a-z0-9]|$)') -%}
      {%- endif -%}
      {%- do branches.append('when ' ~ test ~ ' then ' ~ quoted(row[0])) -%}
    {%- endfor -%}
  {%- endif -%}
  case {{ branches | join(' ') }} else coalesce({{ provider_of(provider) }}, '(unknown)') end
{%- endmacro %}

{#
  Kinds of book, the one that is the ledger's first: a cloud's bill in FOCUS, then as the cloud itself exports it, an invoice, a
  vendor's report of costs; then what no bill shows yet: seats that are paid for, and what runs on a platform.
#}
{% macro books_in_order() -%}
  {{ return(['cloud_bill', 'native_bill', 'invoice', 'cost_report', 'seats', 'platform']) }}
{%- endmacro %}

{# Its charges are expected on a bill, not yet billed. #}
{% macro is_accrued_book(book) -%}
  {{ book }} in ('seats', 'platform')
{%- endmacro %}

{# The charge is of the book `books`: of its source, vendor, account and month; a list of seats is a book for each product. #}
{% macro is_in_book(charge) -%}
  {{ charge }}.source = books.source
  and {{ charge }}.vendor = books.vendor
  and {{ charge }}.bill_vendor = books.bill_vendor
  and coalesce({{ charge }}.billing_account_id, '') = books.billing_account_id
  and {{ charge }}.seats_of = books.seats_of
  and {{ is_valid('books', charge ~ '.charge_date') }}
{%- endmacro %}

{# When a bill first showed the charge is told by `arrivals`, a row of int_bill_arrivals. #}
{% macro is_arrival_of(charge) -%}
  {{ charge }}.source = arrivals.source
  and {{ charge }}.vendor = arrivals.vendor
  and {{ charge }}.charge_date = arrivals.charge_date
  and {{ charge }}.billing_account_id = arrivals.billing_account_id
  and {{ charge }}.charge_category = arrivals.charge_category
{%- endmacro %}

{# What `theirs` bills are the seats of the list `ours`, as far as both name them. #}
{% macro are_seats_of(ours, theirs) -%}
  (contains({{ theirs }}.seat_words, {{ ours }}.seats_of) or contains({{ ours }}.seats_of, {{ theirs }}.seat_service))
{%- endmacro %}

{# It is counted in seats, users or licences. #}
{% macro is_seat_unit(unit) -%}
  coalesce(lower({{ unit }}) like '%seat%' or lower({{ unit }}) like '%user%' or lower({{ unit }}) like '%licen%', false)
{%- endmacro %}

{# The columns of a line of the ledger, the same for those that were landed and those that are accrued. #}
{% macro cost_line_columns() -%}
  {{ return(
    charge_column_names() | reject('in', ['is_explanation']) | list + ['cost_status', 'vendor']
    + target_columns() + attributed_by_columns(allocation_targets())
  ) }}
{%- endmacro %}

{#
  The amounts of a charge in USD: at the company's rate; where it has none, at what the bill itself says that it is. Without either
  they are not known. Beside them the rate, the day whose it is and who says so.
#}
{% macro converted_amounts(line, rates) -%}
  {%- set billed = '(' ~ line ~ '.billed_cost + ' ~ line ~ '.drawn_cost)' -%}
  {%- set is_stated = line ~ ".billing_currency <> 'USD' and " ~ rates ~ '.usd_per_unit is null' -%}
  {%- for basis in cost_bases() + ['drawn'] -%}
    {%- set amount = line ~ '.' ~ basis ~ '_cost' %}
    case
        when {{ is_stated }} then {{ at_ratio(amount, line ~ '.stated_cost_usd', billed) }}
        else {{ in_usd(amount, line ~ '.billing_currency', rates ~ '.usd_per_unit') }}
    end as {{ basis }}_cost_usd,
  {%- endfor %}
    case
        when {{ is_stated }} then try_cast(
            cast({{ line }}.stated_cost_usd as double) / nullif(cast({{ billed }} as double), 0) as decimal(18, 12)
        )
        else {{ rates }}.usd_per_unit
    end as usd_per_unit,
    {{ rates }}.rate_date,
    case
        when {{ rates }}.usd_per_unit is not null then 'fx_rates'
        when {{ is_stated }} and {{ line }}.stated_cost_usd is not null then 'bill'
    end as rate_source
{%- endmacro %}

{# What a bill says of a charge, in lower case. #}
{% macro charge_words_of(line) -%}
  ' ' || lower(translate(
    regexp_replace(concat_ws(' ', {{ line }}.service, {{ line }}.charge_description, {{ line }}.service_category), '([a-z])([A-Z])', '\1 \2', 'g'),
    '-_/:,.()', '        '
  ))
{%- endmacro %}

{# The bill says that a charge is of one of `causes`, by those words in the seed charge_words that usage never has. #}
{% macro is_named(causes, line) -%}
  {%- set tests = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        "select words from read_csv('seeds/reference/charge_words.csv', header = true, all_varchar = true)"
        ~ " where is_never_usage = 'true' and cause in ('" ~ causes | join("', '") ~ "') order by words").rows -%}
      {%- do tests.append('contains(' ~ charge_words_of(line) ~ ', ' ~ quoted(' ' ~ row[0]) ~ ')') -%}
    {%- endfor -%}
  {%- endif -%}
  ({{ tests | join(' or ') or 'false' }})
{%- endmacro %}

{# The tokens that a charge counts; null where it counts none, or something else. #}
{% macro tokens_of_line(line) -%}
  case when lower({{ line }}.consumed_unit) in ('tokens', 'token') then {{ line }}.consumed_quantity end
{%- endmacro %}

{# A bill shows the charge: it is neither accrued nor what a balance paid for or lost. #}
{% macro is_on_a_bill(line) -%}
  ({{ line }}.cost_status = 'invoiced' and {{ line }}.file_hash is not null)
{%- endmacro %}

{#
  What `theirs` shows of a month may be the money of the book `ours`. Accounts of one issuer are different money, as are those of
  clouds. A report of usage is shown by bills of usage, seats by what bills seats and names them. Pods run on a cloud's nodes, but
  not where the bill names its resources, and none of the nodes that OpenCost names is among them.
#}
{% macro is_shown_by(ours, theirs) -%}
  {{ ours }}.vendor <> '(unknown)'
  and {{ ours }}.source <> {{ theirs }}.source
  and {{ ours }}.book_rank > {{ theirs }}.book_rank
  and (
      {{ ours }}.vendor = {{ theirs }}.vendor
      or {{ ours }}.vendor = {{ theirs }}.bill_vendor
      or ({{ ours }}.book = 'platform' and {{ theirs }}.book in ('cloud_bill', 'native_bill'))
  )
  and case
      when {{ ours }}.book in ('cloud_bill', 'native_bill') and {{ theirs }}.book in ('cloud_bill', 'native_bill')
          then {{ ours }}.billing_account_id = {{ theirs }}.billing_account_id
      else
          {{ ours }}.billing_account_id in ('', {{ theirs }}.billing_account_id)
          or {{ theirs }}.billing_account_id = ''
          or {{ ours }}.bill_vendor <> {{ theirs }}.bill_vendor
  end
  and case
      when {{ ours }}.book = 'cost_report' then {{ theirs }}.is_usage or ({{ ours }}.has_seats and {{ theirs }}.seat_service is not null)
      when {{ ours }}.book = 'seats' then {{ are_seats_of(ours, theirs) }}
      when {{ ours }}.book = 'platform'
          then
              {{ ours }}.billing_account_id = {{ theirs }}.node_cluster
              or not ({{ ours }}.is_told_by_node and {{ theirs }}.is_told_by_node)
      else true
  end
{%- endmacro %}

{#
  What `theirs` shows is of the month of `ours`: it begins in it; or it is usage, or what may be seats, of a longer time and lasts to
  the end of that month. A purchase for a year is no bill of what is used in it.
#}
{% macro is_month_of(ours, theirs) -%}
  (
    {{ ours }}.month = {{ theirs }}.month
    or (
        {{ ours }}.month > {{ theirs }}.month
        and ({{ theirs }}.is_usage or {{ ours }}.book = 'seats')
        and {{ last_day_of_month(ours ~ '.month') }} <= {{ theirs }}.last_charge_date
    )
  )
{%- endmacro %}
