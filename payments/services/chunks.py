"""Chunks: a range of a file's matched lines, posted by one transaction, whoever takes it.

Any number of workers take chunks (SKIP LOCKED); the chunk's row changes in the same transaction as its facts, so a chunk is
posted once, wherever a worker dies. A counter payment or another file in between shows as a unique violation: the chunk rolls
back, is judged again by the books as they are then, and posted.
"""

from django.db import IntegrityError, OperationalError, transaction

from bureau import audit, faults
from bureau.models import User
from payments.models import BankFile, FileChunk
from payments.services.courses import Course
from payments.states import ChunkState

RETRIES = 5


def on_behalf(file: BankFile) -> User:
    """In whose name a file is applied: who released it, else who brought it."""
    return file.released_by or file.uploaded_by


def post_next(course: Course) -> bool:
    """Post the next chunk that nobody else has; False when none is left to take. Safe to repeat and to run side by side.

    Raises what the course raises (StagingLost when the staged lines are gone).
    """
    probe = False
    for attempt in range(RETRIES + 1):
        try:
            with (
                transaction.atomic(),
                audit.acting(by=on_behalf(course.file), why="post a bank file", file=course.file.pk),
            ):
                return _post_one(course, probe=probe)
        except IntegrityError:
            if attempt == RETRIES:
                raise
            probe = True
        except OperationalError as error:
            if attempt == RETRIES or getattr(error.__cause__, "sqlstate", None) not in ("40001", "40P01"):
                raise
    return False


def _post_one(course: Course, *, probe: bool) -> bool:
    chunk = (
        FileChunk.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(file=course.file, state=ChunkState.TODO)
        .order_by("number")
        .first()
    )
    if chunk is None:
        return False
    chunk.tally = course.post(chunk, probe=probe or chunk.probe_serials)
    chunk.state = ChunkState.DONE.value
    chunk.save(update_fields=["tally", "state"])
    faults.hit("before_chunk_commit")
    return True
