{{ replaced_rows('customers') }}
