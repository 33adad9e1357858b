"""Which files want a worker: the database is the outbox, whatever the broker lost."""

from django.db import connection

_WAITING = """
SELECT f.id FROM payments_bankfile f JOIN payments_filelease l ON l.file_id = f.id
 WHERE f.state IN ('QUEUED', 'RUNNING')
   AND (l.token IS NULL OR l.expires_at < clock_timestamp()
        OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.backend_pid AND a.backend_start = l.backend_start))
   AND NOT EXISTS (SELECT FROM payments_bankfile o JOIN payments_filelease ol ON ol.file_id = o.id
                    WHERE o.batch_id = f.batch_id AND o.id <> f.id AND o.state = 'RUNNING'
                      AND ol.expires_at > clock_timestamp())
 ORDER BY f.id
"""
_HANDS = """
SELECT f.id FROM payments_bankfile f JOIN payments_filelease l ON l.file_id = f.id
 WHERE f.state = 'RUNNING' AND l.phase = 'POSTING' AND l.expires_at > clock_timestamp()
   AND (SELECT count(*) FROM payments_filechunk c WHERE c.file_id = f.id AND c.state = 'TODO') >= %s
 ORDER BY f.id
"""


def waiting() -> list[int]:
    """Files that are queued, or whose worker is gone, and whose batch is free; oldest first."""
    return _ids(_WAITING, [])


def needing_hands(*, chunks: int) -> list[int]:
    """Files being posted with at least ``chunks`` chunks that nobody has finished."""
    return _ids(_HANDS, [chunks])


def _ids(sql: str, values: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
