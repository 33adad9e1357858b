"""A worker of one file in a process of its own: ``python -m tests.payments.child FILE_ID``; FAULT_POINT may kill it."""

import os
import sys
from datetime import datetime

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
    django.setup()
    from payments.services import river  # noqa: PLC0415 - Django must be set up first

    river.process(file_id=int(sys.argv[1]), at=datetime.fromisoformat(sys.argv[2]))
