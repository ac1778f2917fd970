-- Equal priorities are told apart by what the rows say, never by their order in the file.
select
    priority,
    concat_ws('|', source, vendor, provider, service, sku, account, tag, text, is_model_usage, category, purpose, ai_share) as rule_key,
    source,
    {{ provider_of('vendor') }} as vendor,
    provider,
    service,
    sku as sku_id,
    account,
    tag,
    coalesce(
        {% for target in allocation_targets() -%}
            {{ named_target('tag', target) }}{% if not loop.last %},{% endif %}
        {% endfor %}
    ) is not null as names_target,
    {% for target in allocation_targets() -%}
        {{ named_target('tag', target) }} as tagged_{{ target }},
    {% endfor -%}
    lower(text) as words,
    is_model_usage,
    category,
    purpose,
    ai_share,
    valid_from,
    valid_to,
    owner
from {{ ref('stg_company__ai_scope') }}
