"""A worker of lists is killed with -9: the next one goes on behind the last chunk, and nobody is registered twice."""

import io
import signal
import subprocess

import pytest

from enrollment.models import Change, Enrollment, ListFile, ListKind, Person
from enrollment.services import listapply, listreading, lists
from enrollment.states import ListState
from tests import builders, forked
from tests.enrollment import listkit


def child(list_id: int, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """Process a list in another process, two lines a chunk."""

    def work() -> None:
        listapply.CHUNK = 2
        lists.process(list_id=list_id, at=listkit.AT)

    return forked.run(work, **changes)


@pytest.mark.parametrize("point", ["after_staging_list", "after_list_chunk", "after_list_chunk:2"])
def test_killed_anywhere_the_list_ends_the_same(committed: None, point: str) -> None:
    clerk = builders.make_staff("clerk")
    numbers = [builders.id_number() for _ in range(5)]
    content = listkit.xlsx([listkit.row(number) for number in numbers])
    file = lists.receive(
        source=io.BytesIO(content), name="a.xlsx", kind=ListKind.REGISTER, region_id=builders.GUIGANG, by=clerk, at=listkit.AT
    )  # fmt: skip
    reading = point == "after_staging_list"
    if reading:
        assert child(file.pk, FAULT_POINT=point).returncode == -signal.SIGKILL
        assert ListFile.objects.get(pk=file.pk).state == ListState.READING
    assert child(file.pk).returncode == 0
    lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    if not reading:
        dead = child(file.pk, FAULT_POINT=point)
        assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()[-2000:]
        assert ListFile.objects.get(pk=file.pk).state == ListState.APPLYING
        assert 0 < Person.objects.filter(id_number__in=numbers).count() < 5
    done = child(file.pk)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    file = ListFile.objects.get(pk=file.pk)
    assert (file.state, file.tallies) == (ListState.APPLIED, {"NEW": 5, "SAME": 0})
    assert Enrollment.objects.filter(person__id_number__in=numbers).count() == 5
    assert Change.objects.filter(person__id_number__in=numbers).count() == len(numbers)
    assert not listreading.is_staged(file.pk)


def test_staged_rows_that_a_crash_emptied_are_read_again(committed: None) -> None:
    clerk = builders.make_staff("clerk")
    number = builders.id_number()
    file = listkit.receive(listkit.xlsx([listkit.row(number)]), by=clerk)
    listreading.sql.execute("list_drop", listreading.tables(file.pk))
    assert listkit.apply(file, by=clerk).state == ListState.APPLIED
    assert Person.objects.filter(id_number=number).exists()
