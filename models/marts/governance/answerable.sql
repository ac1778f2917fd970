with needs as (

    select
        question_needs.question_id,
        question_needs.is_essential,
        int_needs.is_met,
        -- What is there in part answers in part.
        int_needs.is_met or coalesce(int_needs.met_calls, 0) > 0 as is_begun,
        int_needs.mend || case
            when int_needs.met_calls > 0 and not int_needs.is_met
                then ' (' || int_needs.met_calls || ' of ' || int_needs.calls || ' calls have it.)'
            else ''
        end as mend
    from {{ ref('question_needs') }} as question_needs
    inner join {{ ref('int_needs') }} as int_needs on question_needs.need = int_needs.need

),

judged as (

    select
        question_id,
        bool_and(is_met) as has_all,
        bool_and(is_begun or not is_essential) as has_essentials,
        string_agg(case when not is_met then mend end, ' ' order by mend) as what_would_change_that
    from needs
    group by question_id

)

select
    questions.question_id,
    questions.question,
    case when judged.has_all then 'now' when judged.has_essentials then 'partly' else 'not' end as status,
    questions.mart,
    judged.what_would_change_that
from {{ ref('questions') }} as questions
inner join judged on questions.question_id = judged.question_id
