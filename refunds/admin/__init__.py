"""Pages of the refunds."""

from refunds.admin import candidates, cases, limits, payouts

__all__ = ["candidates", "cases", "limits", "payouts"]
