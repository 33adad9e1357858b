"""The page about one person, by what it tells: known.py reads once, the others draw."""
