with records as (

    {% for model in models_of('calls').values() -%}
        select
            {{ call_columns() }},
            {{ targets() }},
            {{ comma_list(attributed_by_columns()) }},
            source || '|' || call_id as own_id,
            {{ tokens_sum(token_classes()) }} as all_tokens,
            {{ known_token_classes() }} as known_classes
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select records.*
from records
left join {{ ref('int_failures_told_twice') }} as told
    on
        records.call_date = told.call_date
        and records.source = told.source
        and records.file_hash = told.file_hash
        and records.file_row = told.file_row
where told.file_row is null
