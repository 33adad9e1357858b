"""Things that happen at the same time, each on a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection


def race(*jobs: Callable[[], Any]) -> list[Any]:
    """Start the jobs together; what each returned, or the exception that it raised, in their order."""
    barrier = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def work(place: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[place] = job()
        except Exception as error:  # the test looks at it
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@contextmanager
def track(lanes: int) -> Iterator[Callable[..., list[Any]]]:
    """As :func:`race`, for many rounds: ``lanes`` threads that keep their connections from round to round."""
    barrier = threading.Barrier(lanes)

    def work(job: Callable[[], Any]) -> Any:
        barrier.wait(60)
        try:
            return job()
        except Exception as error:  # the test looks at it
            return error

    def leave() -> None:
        barrier.wait(60)
        connection.close()

    with ThreadPoolExecutor(lanes) as pool:
        try:
            yield lambda *jobs: list(pool.map(work, jobs, timeout=120))
        finally:
            for done in [pool.submit(leave) for _lane in range(lanes)]:
                done.result(120)
