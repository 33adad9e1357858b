"""Keeps the schema of the embedded database in step with the checkout."""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

from bureau.children import locked
from bureau.embedded import ROOT, planned_urls
from bureau.home import write_private


def fingerprint(root: Path = ROOT) -> str:
    """Return a digest of what the schema depends on: the names of our migrations and the pinned packages."""
    digest = hashlib.sha256((root / "requirements.txt").read_bytes())
    for migration in sorted(root.glob("*/migrations/[0-9]*.py")):
        digest.update(f"{migration.relative_to(root)}\n".encode())
    return digest.hexdigest()


def migrate_if_changed(var: Path) -> bool:
    """Migrate the embedded database in `var` if it is new, or was last migrated by another checkout.

    Returns whether it did. Commands that start at the same time wait for the one that migrates.
    """
    note, wanted = var / "migrated", fingerprint()
    with locked(var / "run" / "migrate"):
        if note.exists() and note.read_text() == wanted:
            return False
        print(f"Migrating the embedded database in {var} ...", file=sys.stderr, flush=True)
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        write_private(note, wanted)
        return True


def migrate(var: Path) -> None:
    """Migrate the database in use, showing each step; remember it if it is the embedded one of `var`."""
    with locked(var / "run" / "migrate"):
        call_command("migrate", verbosity=1, interactive=False)
        if os.environ.get("DATABASE_URL") == planned_urls(var).database:
            write_private(var / "migrated", fingerprint())
