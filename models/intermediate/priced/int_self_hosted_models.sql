{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- The closest row counts: one that names the provider, then the longest name.
select
    used.call_date,
    used.provider,
    used.model,
    hosted.cluster,
    hosted.namespace,
    hosted.controller,
    hosted.reference_provider,
    hosted.reference_model,
    hosted.input_weight,
    hosted.output_weight
from {{ ref('int_models_used') }} as used
inner join {{ ref('stg_company__self_hosted_models') }} as hosted
    on
        (hosted.provider is null or used.provider = hosted.provider)
        and {{ is_called_by('hosted', 'used.model') }}
        and {{ is_valid('hosted', 'used.call_date') }}
qualify
    row_number() over (
        partition by used.call_date, used.provider, used.model
        order by hosted.provider asc nulls last, length(hosted.model) desc, hosted.model asc
    ) = 1
