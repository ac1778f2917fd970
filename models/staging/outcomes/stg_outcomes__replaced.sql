{{ replaced_rows('outcomes') }}
