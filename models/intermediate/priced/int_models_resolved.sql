{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- A name of your own means another model where an alias says so; one for its provider goes before one for all. What the company runs
-- itself is held against the model of an API that would do instead.
{%- set names = ['provider', 'call_date', 'model', 'resolved_provider', 'resolved_model'] %}
{%- set found = ['price_provider', 'price_model', 'litellm_model', 'unmetered_prices'] %}
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

),

resolved as (

    select
        {{ comma_list(names, 'named') }},
        {{ comma_list(found, 'matches') }}
    from named
    left join {{ ref('stg_prices__model_matches') }} as matches
        on coalesce(named.resolved_provider, '') = matches.provider and named.resolved_model = matches.model

),

paid as (

    select
        provider,
        {{ comma_list(names[1:] + found) }}
    from resolved
    union all
    -- Where the log names no provider, the calls are those of whom their price is paid to.
    select
        {{ paid_at('price_provider') }} as provider,
        {{ comma_list(names[1:] + found) }}
    from resolved
    where
        provider is null
        and price_provider is not null
        and not exists (
            select 1
            from named
            where
                named.call_date = resolved.call_date
                and named.provider = {{ paid_at('resolved.price_provider') }}
                and named.model = resolved.model
        )

)

select
    md5(
        coalesce(provider, '') || '|' || model || '|' || coalesce(resolved_provider, '') || '|' || resolved_model || '|'
        || coalesce(price_provider, '') || '|' || coalesce(price_model, '') || '|' || coalesce(litellm_model, '')
    ) as match_key,
    call_date,
    provider,
    model,
    resolved_provider,
    resolved_model,
    price_provider,
    price_model,
    litellm_model,
    unmetered_prices
from paid
