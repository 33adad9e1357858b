"""Doors of the workers for the kernel's own housekeeping."""

import logging

from bureau import attachments, clock, gate, idempotency
from bureau.celery import app

log = logging.getLogger(__name__)


@app.task(name="bureau.tasks.sweep_attachments")
def sweep_attachments() -> None:
    """Remove stored files that no row names. Retry is safe: what is gone is not found again."""
    removed = attachments.sweep(at=clock.now())
    if removed:
        log.warning("%s stored files without a row were removed", removed)


@app.task(name="bureau.tasks.forget_calls")
def forget_calls() -> None:
    """Drop what the partners' gate no longer needs. Retry is safe: what is gone is not found again."""
    gate.forget(at=clock.now(), answers_kept=idempotency.KEPT_FOR)
