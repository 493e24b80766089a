"""What people type on the desk, drawn by crispy-forms as the GOV.UK Design System draws forms."""
