{{ replaced_rows('revenue') }}
