-- Each state of config against the one before it; the first one has nothing before it.
with states as (

    select distinct
        state_number,
        seen_at
    from {{ ref('stg_ledger__config_rows') }}

),

compared as (

    select
        coalesce(later.state_number, earlier.state_number + 1) as state_number,
        coalesce(later.config_file, earlier.config_file) as config_file,
        coalesce(later.row_key, earlier.row_key) as row_key,
        case
            when earlier.row_key is null then 'added'
            when later.row_key is null then 'removed'
            else 'changed'
        end as change,
        coalesce(later.owner, earlier.owner) as owner,
        coalesce(later.approved_by, earlier.approved_by) as approved_by,
        coalesce(later.reason, earlier.reason) as reason,
        coalesce(later.valid_from, earlier.valid_from) as valid_from,
        coalesce(later.valid_to, earlier.valid_to) as valid_to,
        earlier.row_values as old_values,
        later.row_values as new_values
    from {{ ref('stg_ledger__config_rows') }} as earlier
    full outer join {{ ref('stg_ledger__config_rows') }} as later
        on earlier.state_number + 1 = later.state_number and earlier.config_file = later.config_file and earlier.row_key = later.row_key
    where earlier.row_values is distinct from later.row_values

)

select
    compared.*,
    states.seen_at as first_seen_at
from compared
inner join states on compared.state_number = states.state_number
