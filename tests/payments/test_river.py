"""The river against an oracle: what the simulated bank planted is what the report says, to the line and to the fen."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from bureau.proposals import SecondPersonNeeded
from enrollment.models import Coverage, Enrollment, Person, PersonCategory
from payments.models import BankFile, BankLine, DuplicatePayment, Hold, Payment, Reversal, WorkItem
from payments.services import leases, receivables, releases, river
from payments.services.receivables import Assessed
from payments.simulation.faults import list_faults
from tests.payments import kit

MONEY_TABLES = (
    "payments_bankline",
    "payments_payment",
    "payments_duplicatepayment",
    "payments_reversal",
    "payments_hold",
    "payments_workitem",
    "payments_filetally",
    "enrollment_coverage",
)


def counts() -> dict[str, int]:
    """Rows of every table that money may touch."""
    found = {}
    with connection.cursor() as cursor:
        for table in MONEY_TABLES:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("seed", range(50))
def test_report_is_plan(db: None, tmp_path: Path, seed: int) -> None:
    town = kit.town(tmp_path, 120)
    first, second = kit.bank(town, seed=seed, faults=["second_answers"])
    for file in (first, second):
        kit.agree(kit.flow(town, file), file)
        kit.books_green()
    before = counts()
    for file in (first, second):
        again = kit.flow(town, file)
        assert (again["refused_because"], again["changed"]) == ("ALREADY_RECEIVED", 0)
    assert counts() == before


@pytest.mark.parametrize("fault", sorted(list_faults()))
def test_every_fault_gets_its_answer(db: None, tmp_path: Path, fault: str) -> None:
    town = kit.town(tmp_path, 3000 if fault == "many_rejected" else 150)
    for file in kit.bank(town, seed=11, faults=[fault]):
        before = counts()
        report = kit.flow(town, file)
        kit.agree(report, file)
        if report["state"] != "APPLIED":
            assert counts() == before
        kit.books_green()


def test_bucket_sums_are_the_header(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=3)
    report = kit.flow(town, file)
    header = file.content.split(b"\r\n")[0].decode("gb18030").split("|")
    assert sum(row["lines"] for row in report["buckets"].values()) == int(header[7])
    assert sum(Decimal(row["amount"]) for row in report["buckets"].values()) == Decimal(header[8])
    assert sum(Decimal(row["debited"]) for row in report["buckets"].values()) == Decimal(header[10])


def test_changed_counts_the_facts_written(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=5)
    before = counts()
    report = kit.flow(town, file)
    after = counts()
    written = sum(
        abs(after[table] - before[table]) for table in MONEY_TABLES if table != "payments_filetally"
    )
    assert report["changed"] == written > 0


def test_a_held_file_waits_for_a_second_person(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=7, faults=["wrong_total"])
    report = kit.flow(town, file)
    assert (report["state"], Payment.objects.count()) == ("HELD", 0)
    with pytest.raises(leases.NotWaiting):
        river.process(file_id=report["file"], at=kit.RECEIVED_AT)
    released = releases.decide_held(
        file_id=report["file"], approve=True, reason="bank confirmed", by=town.supervisor, at=kit.RECEIVED_AT
    )
    assert (released.state, released.released_by) == ("QUEUED", town.supervisor)
    done = river.process(file_id=report["file"], at=kit.RECEIVED_AT)
    assert done.state == "APPLIED"
    assert done.report["buckets"] == report["buckets"]
    kit.books_green()


def test_the_uploader_cannot_release(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=7, faults=["wrong_total"])
    received = kit.upload(town, file)
    BankFile.objects.filter(pk=received.file.pk).update(uploaded_by=town.supervisor)
    river.process(file_id=received.file.pk, at=kit.RECEIVED_AT)
    with pytest.raises(SecondPersonNeeded):
        releases.decide_held(
            file_id=received.file.pk, approve=True, reason="me", by=town.supervisor, at=kit.RECEIVED_AT
        )
    assert BankFile.objects.get(pk=received.file.pk).state == "HELD"


def test_a_rejected_file_changes_nothing_and_may_come_again(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=7, faults=["wrong_total"])
    report = kit.flow(town, file)
    rejected = releases.decide_held(
        file_id=report["file"], approve=False, reason="totals wrong", by=town.supervisor, at=kit.RECEIVED_AT
    )
    assert (rejected.state, BankLine.objects.count()) == ("REJECTED", 0)
    assert kit.flow(town, file)["state"] == "HELD"


def test_a_reversed_payment_frees_the_receivable_and_ends_cover(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    first, second = kit.bank(town, seed=2, faults=["second_answers"])
    kit.flow(town, first)
    kit.flow(town, second)
    reversals = list(Reversal.objects.all())
    assert reversals
    for reversal in reversals:
        assert not Hold.objects.filter(pk=reversal.receivable_id).exists()
        assert WorkItem.objects.filter(kind="REVERSED", line_id=reversal.pk).exists()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT start, reason FROM enrollment_coverage WHERE id BETWEEN %s AND %s ORDER BY id DESC LIMIT 1",
                [reversal.receivable_id * 100, reversal.receivable_id * 100 + 99],
            )
            assert cursor.fetchone() == (None, "REVERSED")
    kit.books_green()


def test_a_person_paid_in_another_region_is_a_duplicate(db: None, tmp_path: Path) -> None:
    """Same person, two regions, two banks' batches: the first to arrive carries the year, the other is booked for refund."""
    here = kit.town(tmp_path / "a", 30)
    there = kit.twin_town(here, "510100")
    kit.send(there, tmp_path / "b")
    for town in (here, there):
        (file,) = kit.bank(town, seed=1, faults=["all_ok"])
        report = kit.flow(town, file)
        assert report["state"] == "APPLIED"
    assert Payment.objects.filter(region_id="510100").count() == 0
    assert DuplicatePayment.objects.filter(region_id="510100").count() == 30
    assert not Hold.objects.filter(region_id="510100").exists()
    kit.books_green()


def _aided(town: kit.Town) -> None:
    """Everybody of the town is on the list of the destitute."""
    PersonCategory.objects.bulk_create(
        PersonCategory(person_id=person, category="TEKUN", valid_from=date(2024, 9, 1))
        for person in Enrollment.objects.filter(region_id=town.region).values_list("person_id", flat=True)
    )


def _assess(town: kit.Town) -> Assessed:
    """Assess the town for the year; aid carries everybody."""
    where = {"region_id": town.region, "year": kit.YEAR}
    return receivables.assess(**where, on=date(2024, 10, 1), by=town.clerk, at=kit.FROZEN_AT)


def test_who_is_exempt_in_another_region_and_debited_here_is_a_duplicate(db: None, tmp_path: Path) -> None:
    """Aid carries the year in the other region: the money of this one is booked for refund and brings no second cover."""
    here = kit.town(tmp_path / "a", 30)
    _aided(here)
    there = kit.twin_town(here, "440100")
    assert _assess(there).exempt == 30
    assert Coverage.objects.filter(region_id="440100", reason="EXEMPT").count() == 30
    (file,) = kit.bank(here, seed=1, faults=["all_ok"])
    assert kit.flow(here, file)["state"] == "APPLIED"
    assert not Payment.objects.exists()
    booked = DuplicatePayment.objects.all()
    carriers = set(Coverage.objects.values_list("pk", flat=True))
    assert {row.exempt_by for row in booked} == carriers
    assert [row.carried_by for row in booked] == [None] * 30
    assert set(BankLine.objects.values_list("reason", flat=True)) == {"EXEMPT_ELSEWHERE"}
    kit.books_green()


def test_who_paid_here_gets_no_second_cover_from_aid_elsewhere(db: None, tmp_path: Path) -> None:
    """Aid comes later, in another region: the payment carries the year; nobody is asked for the money there either."""
    here = kit.town(tmp_path / "a", 30)
    (file,) = kit.bank(here, seed=1, faults=["all_ok"])
    kit.flow(here, file)
    _aided(here)
    there = kit.twin_town(here, "440100")
    assert _assess(there).exempt == 30
    assert not Coverage.objects.filter(region_id="440100").exists()
    kit.books_green()


def test_aid_carries_the_year_once_the_payment_elsewhere_went_back(db: None, tmp_path: Path) -> None:
    """The bank takes the money back: the next assessment gives those people the cover that aid carries."""
    here = kit.town(tmp_path / "a", 60)
    _aided(here)
    first, second = kit.bank(here, seed=3, faults=["second_answers"])
    kit.flow(here, first)
    there = kit.twin_town(here, "440100")
    _assess(there)
    kit.flow(here, second)
    back = set(Reversal.objects.values_list("person_id", flat=True))
    assert back
    _assess(there)
    covered = set(Coverage.objects.filter(region_id="440100").values_list("person_id", flat=True))
    carried = set(Coverage.objects.filter(region_id=kit.REGION).values_list("person_id", flat=True)) - back
    assert back <= covered
    assert (covered | carried, covered & carried) == ({person.pk for person in Person.objects.all()}, set())
    kit.books_green()


def test_an_altered_original_is_parked(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=4)
    received = kit.upload(town, file)
    path = river.intake.path_of(received.file)
    path.write_bytes(file.content.replace(b"400.00", b"300.00", 1))
    done = river.process(file_id=received.file.pk, at=kit.RECEIVED_AT)
    assert (done.state, done.reasons[0]["code"]) == ("PARKED", "ORIGINAL_ALTERED")
    assert BankLine.objects.count() == 0


def test_dry_run_says_the_same_and_leaves_nothing(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=9)
    path = tmp_path / file.name
    path.write_bytes(file.content)
    before = counts()
    dry = river.dry_run(path=path, name=file.name, sm3="", digest=None, by=town.clerk, at=kit.RECEIVED_AT)
    kit.agree(dry, file)
    assert (dry["changed"], counts(), BankFile.objects.count()) == (0, before, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'staging'")
        assert cursor.fetchone() == (0,)
    kit.agree(kit.flow(town, file), file)
    again = river.dry_run(path=path, name=file.name, sm3="", digest=None, by=town.clerk, at=kit.RECEIVED_AT)
    assert (again["state"], again["refused_because"], again["changed"]) == ("REJECTED", "ALREADY_RECEIVED", 0)


def test_debited_money_that_is_not_posted_hangs_on_a_work_item(db: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path)
    (file,) = kit.bank(town, seed=6)
    report = kit.flow(town, file)
    loose = BankLine.objects.filter(ok=True, bucket__in=[5, 6], debited__gt=0)
    items = {item.line_id: item for item in WorkItem.objects.filter(kind__in=["UNMATCHED", "REJECTED_MONEY"])}
    assert {line.pk: line.debited for line in loose} == {line: item.amount for line, item in items.items()}
    total = Decimal(report["buckets"]["UNMATCHED"]["debited"]) + Decimal(
        report["buckets"]["REJECTED"]["debited"]
    )
    assert sum(item.amount for item in items.values()) == total
