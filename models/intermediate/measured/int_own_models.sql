-- Which pods answer a model, whenever `self_hosted_models` says so: the closest row of it, and of these the first.
select
    used.provider,
    used.model,
    hosted.cluster,
    hosted.namespace,
    hosted.controller,
    hosted.input_weight,
    hosted.output_weight
from (
    select distinct
        provider,
        model
    from {{ ref('int_usage_daily') }}
    where pricing_status <> 'priced'
) as used
inner join {{ ref('stg_company__self_hosted_models') }} as hosted
    on
        (hosted.provider is null or used.provider = hosted.provider)
        and {{ is_called_by('hosted', 'used.model') }}
qualify
    row_number() over (
        partition by used.provider, used.model
        order by
            hosted.provider asc nulls last, length(hosted.model) desc, hosted.model asc, hosted.valid_from asc nulls first,
            hosted.cluster asc, hosted.namespace asc
    ) = 1
