"""A rehearsal: generated people of a region, with their register rows and mandates, and the demo staff who
work on them.
"""
