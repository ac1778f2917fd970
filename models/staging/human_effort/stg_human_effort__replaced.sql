{{ replaced_rows('human_effort') }}
