{{ replaced_rows('budgets') }}
