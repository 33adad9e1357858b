"""Pages of the register: persons, cover, policies."""

from enrollment.admin import applications, cases, cover, households, lists, persons, policies, policyruns

__all__ = ["applications", "cases", "cover", "households", "lists", "persons", "policies", "policyruns"]
