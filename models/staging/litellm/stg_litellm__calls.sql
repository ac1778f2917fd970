-- The gateway logs what it asks tools for, too, at no tokens: that is no call to a model.
select *
from {{ ref('stg_litellm__spend_logs') }}
where not is_tool_call
