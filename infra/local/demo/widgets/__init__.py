"""Everything the widget shop knows about widgets."""
