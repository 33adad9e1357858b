"""Bytes to rows and back: one module per file layout, nothing here looks anything up."""
