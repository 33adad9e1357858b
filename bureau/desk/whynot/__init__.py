"""Why can't they pay? One screen per person, a list per region, and two payments side by side."""
