"""A worker of one list in a process of its own: ``python -m tests.enrollment.listchild LIST_ID``; FAULT_POINT may kill it."""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
    django.setup()
    from enrollment.services import listapply, lists  # noqa: PLC0415 - Django must be set up first
    from tests.enrollment import listkit  # noqa: PLC0415

    listapply.CHUNK = 2
    lists.process(list_id=int(sys.argv[1]), at=listkit.AT)
