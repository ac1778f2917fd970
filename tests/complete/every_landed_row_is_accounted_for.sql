-- Law 2: rows landed = staged + quarantined + duplicates, for every file that could be counted.
select *
from {{ ref('data_quality') }}
where rows_landed <> rows_staged + rows_quarantined + rows_duplicate
