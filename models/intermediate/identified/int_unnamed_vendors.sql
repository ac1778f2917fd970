{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- Whose report and bill hold a call of which the log names no provider: told before it is priced, by an alias or by the model's name, so
-- that all that follows sees one provider. What the company runs itself is nobody's.
select
    named.call_date,
    named.model,
    coalesce(aliases.to_provider, matches.paid_provider) as provider
from {{ ref('int_models_logged') }} as named
left join {{ ref('stg_company__model_aliases') }} as aliases
    on
        aliases.provider is null
        and lower(named.model) = lower(aliases.name)
        and {{ is_valid('aliases', 'named.call_date') }}
left join {{ ref('stg_prices__model_matches') }} as matches
    on matches.provider = '' and named.model = matches.model
where
    named.provider is null
    and coalesce(aliases.to_provider, matches.paid_provider) is not null
    and not exists (
        select 1
        from {{ ref('stg_company__self_hosted_models') }} as hosted
        where
            hosted.provider is null
            and {{ is_called_by('hosted', 'named.model') }}
            and {{ is_valid('hosted', 'named.call_date') }}
    )
qualify
    row_number() over (
        partition by named.call_date, named.model order by aliases.to_model asc, aliases.to_provider asc
    ) = 1
