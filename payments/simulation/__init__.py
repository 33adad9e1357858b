"""A bank that answers request files, with all that goes wrong in life, and knows what must come of it."""
