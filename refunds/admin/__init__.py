"""Pages of the refunds."""

from refunds.admin import candidates, cases, payouts

__all__ = ["candidates", "cases", "payouts"]
