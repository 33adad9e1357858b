"""Calls of channels: status, orders, money, taking back."""
