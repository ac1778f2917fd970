select
    driver,
    {% for column in target_columns() -%}
        coalesce({{ column }}, '(unallocated)') as {{ column }},
    {% endfor -%}
    value,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('allocation_drivers') }}
