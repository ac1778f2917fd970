{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- A name of your own means another model where an alias says so; one for its provider goes before one for all. What the company runs
-- itself is held against the model of an API that would do instead.
with named as (

    select
        used.call_date,
        used.provider,
        used.model,
        coalesce(hosted.reference_provider, aliases.to_provider, used.provider) as resolved_provider,
        coalesce(hosted.reference_model, aliases.to_model, used.model) as resolved_model
    from {{ ref('int_models_used') }} as used
    left join {{ ref('stg_company__model_aliases') }} as aliases
        on
            lower(used.model) = lower(aliases.name)
            and (aliases.provider is null or used.provider = aliases.provider)
            and {{ is_valid('aliases', 'used.call_date') }}
    left join {{ ref('int_self_hosted_models') }} as hosted
        on
            used.call_date = hosted.call_date
            and coalesce(used.provider, '') = coalesce(hosted.provider, '')
            and used.model = hosted.model
    qualify
        row_number() over (
            partition by used.call_date, used.provider, used.model order by aliases.provider asc nulls last, aliases.to_model asc
        ) = 1

)

select
    md5(
        coalesce(named.provider, '') || '|' || named.model || '|' || coalesce(named.resolved_provider, '') || '|'
        || named.resolved_model || '|' || coalesce(matches.price_provider, '')
        || '|' || coalesce(matches.price_model, '') || '|' || coalesce(matches.litellm_model, '')
    ) as match_key,
    named.call_date,
    named.provider,
    named.model,
    named.resolved_provider,
    named.resolved_model,
    matches.price_provider,
    matches.price_model,
    matches.litellm_model,
    matches.unmetered_prices
from named
left join {{ ref('stg_prices__model_matches') }} as matches
    on coalesce(named.resolved_provider, '') = matches.provider and named.resolved_model = matches.model
