"""Pages of the register: persons, cover, policies."""

from enrollment.admin import cover, persons, policies

__all__ = ["cover", "persons", "policies"]
