select {{ comma_list(focus_columns()) }}
from {{ ref('int_focus_lines') }}
