"""The simulated bank: repeatable, honest in its totals, and its plan is what the rules make of its files."""

import io
import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from bureau.names import fold_name
from payments.files.blocks import BlockReader
from payments.files.delimited import parse_request
from payments.files.delivery import check_digest, sm3
from payments.files.refusals import HELD_CODES, DigestDiffers, FileRefused
from payments.files.resultcodes import CODE_SETS, CodeClass, class_of, lookup
from payments.files.results import parse_result_line, split_result_line
from payments.simulation.desk import SimulatedBank, UnknownSerialOrder
from payments.simulation.faults import (
    BYTE_FAULTS,
    HEADER_FAULTS,
    LINE_FAULTS,
    MORE_FILES,
    FaultImpossible,
    UnknownFault,
    list_faults,
)
from payments.simulation.holders import somebody_else, spelled_otherwise
from payments.simulation.plan import BUCKET_OF, Plant, SimulatedFile
from payments.simulation.simulate import simulate
from payments.states import Bucket, FileState
from tests.payments.reference import Books
from tests.payments.requests import HOLDERS, request, request_file

TODAY = date(2025, 2, 1)
KEYS = ("state", "refused_because", "buckets", "no_answer")
BOOKS_CODES = {"UNKNOWN_BATCH", "UNKNOWN_BANK", "UNKNOWN_REGION"}


def read(file: SimulatedFile) -> BlockReader:
    reader = BlockReader(io.BytesIO(file.content))
    reader.header()
    Counter(reader.blocks())
    return reader


def by_reference(books: Books, file: SimulatedFile) -> dict[str, object]:
    outcome = books.receive(file.content)
    return {key: getattr(outcome, key) for key in KEYS}


def planned(file: SimulatedFile) -> dict[str, object]:
    report = file.plan.report()
    return {key: report[key] for key in KEYS}


@pytest.mark.parametrize("seed", range(50))
def test_the_rules_make_of_a_file_what_was_planned(seed: int) -> None:
    header, lines = request([3, 57, 400, 1200][seed % 4])
    paid = {line.ref for line in lines[:: 7 if seed % 2 else 1000]}
    files = simulate(header, lines, seed=seed, faults=["second_answers"], paid_elsewhere=paid)
    books = Books(header, lines, TODAY, paid_elsewhere=frozenset(paid))
    assert [file.plan.state for file in files] == [FileState.APPLIED, FileState.APPLIED]
    for file in files:
        assert by_reference(books, file) == planned(file)


@pytest.mark.parametrize("code_set", sorted(CODE_SETS))
@pytest.mark.parametrize("serials", ["rising", "random"])
def test_every_code_set_and_order_of_serials(code_set: str, serials: str) -> None:
    header, lines = request(1500)
    bank = SimulatedBank(code_set=code_set, serials=serials)
    books = Books(header, lines, TODAY, code_set=code_set)
    for file in simulate(header, lines, seed=5, faults=["second_answers"], bank=bank):
        assert by_reference(books, file) == planned(file)


def test_the_header_counts_what_the_totals_rule_says() -> None:
    header, lines = request(1000)
    (file,) = simulate(header, lines, seed=3)
    texts = file.content.decode("gb18030").split("\r\n")
    answers = [parse_result_line(split_result_line(text)) for text in texts[1:-1]]
    good = [one for one in answers if lookup("AIPG", one.code, one.note) == "OK"]
    other = [one for one in answers if lookup("AIPG", one.code, one.note) != "OK"]
    said = read(file).header()
    assert (said.lines, said.amount) == (len(answers), sum(one.due for one in answers))
    assert (said.ok_lines, said.ok_amount) == (len(good), sum(one.paid for one in good))
    assert (said.failed_lines, said.failed_amount) == (len(other), sum(one.due for one in other))
    buckets = file.plan.buckets.values()
    assert sum(one.lines for one in buckets) == said.lines
    assert sum(one.amount for one in buckets) == said.amount
    assert sum(one.debited for one in buckets) == said.ok_amount
    assert [one.seq for one in answers] == list(range(1, len(answers) + 1))


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    header, lines = request(500)
    first, again, other = (
        simulate(header, lines, seed=seed, faults=["second_answers"]) for seed in (1, 1, 2)
    )
    assert [file.content for file in first] == [file.content for file in again]
    assert [file.plan.report() for file in first] == [file.plan.report() for file in again]
    assert all(one.content != two.content for one, two in zip(first, other, strict=True))


def test_the_mix_has_everything_and_is_mostly_good() -> None:
    header, lines = request(2000)
    first, second = simulate(header, lines, seed=11, faults=["second_answers"])
    assert first.plan.planted.keys() | second.plan.planted.keys() == set(Plant) - {
        Plant.NO_ANSWER,
        Plant.UNREADABLE,
    }
    settled = first.plan.buckets[Bucket.SETTLED].lines
    assert 0.89 < settled / 2000 < 0.93
    assert first.plan.no_answer.lines == 8
    assert first.plan.buckets[Bucket.REJECTED].lines <= 20
    texts = first.content.decode("gb18030").split("\r\n")[1:-1]
    seen = {text.split("|")[5] for text in texts}
    assert seen >= {row.code for row in CODE_SETS["AIPG"] if class_of(row.internal) is CodeClass.DECLINED}
    assert [text.split("|")[9] for text in texts] != sorted(text.split("|")[9] for text in texts)


def test_small_requests_are_answered_too() -> None:
    for size in range(12):
        header, lines = request(size)
        (file,) = simulate(header, lines, seed=size)
        assert by_reference(Books(header, lines, TODAY), file) == planned(file)
        assert file.plan.state is FileState.APPLIED


def test_a_large_default_mix_is_never_held() -> None:
    header, lines = request(20_000)
    (file,) = simulate(header, lines, seed=1)
    assert file.plan.state is FileState.APPLIED
    assert file.plan.buckets[Bucket.REJECTED].lines > 20


def test_plan_lines_are_the_lines_of_the_file() -> None:
    header, lines = request(600)
    (file,) = simulate(header, lines, seed=4)
    texts = file.content.decode("gb18030").split("\r\n")[1:-1]
    assert [line.ref for line in file.plan.lines] == [text.split("|")[9] for text in texts]
    assert [line.line_no for line in file.plan.lines] == [int(text.split("|")[0]) for text in texts]


def test_every_plant_has_a_bucket() -> None:
    assert BUCKET_OF.keys() == set(Plant) - {Plant.REPEATED, Plant.NO_ANSWER}


# --- faults ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", sorted(LINE_FAULTS | HEADER_FAULTS | BYTE_FAULTS))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_fault_leads_where_it_says(fault: str, seed: int) -> None:
    header, lines = request(450)
    (file,) = simulate(header, lines, seed=seed, faults=[fault])
    expected = (LINE_FAULTS | HEADER_FAULTS | BYTE_FAULTS)[fault].reason
    if fault == "cut_file":
        expected = "COUNT_DIFFERS"
    assert file.plan.refused_because == (expected or None)
    if file.plan.state is not FileState.REJECTED:
        read(file)
        assert by_reference(Books(header, lines, TODAY), file) == planned(file)
        return
    assert file.plan.report()["lines"] == 0
    assert file.plan.report()["changed"] == 0
    if fault == "wrong_digest":
        with pytest.raises(DigestDiffers):
            check_digest(file.digest, hexdigest=sm3(file.content), name=file.name)
    elif expected in BOOKS_CODES:
        said = read(file).header()
        assert (said.bank, said.region, said.batch) != (header.bank, header.region, header.batch)
    else:
        with pytest.raises(FileRefused) as caught:
            read(file)
        assert caught.value.code == expected


def test_many_rejected_is_held_and_a_few_are_not() -> None:
    header, lines = request(300)
    (file,) = simulate(header, lines, seed=1, faults=["many_rejected"])
    assert file.plan.refused_because == "TOO_MANY_REJECTED"
    assert by_reference(Books(header, lines, TODAY), file) == planned(file)


def test_several_faults_give_the_first_reason_of_the_list() -> None:
    header, lines = request(450)
    (file,) = simulate(header, lines, seed=1, faults=["wrong_total", "bad_amount", "wrong_count"])
    assert file.plan.reasons == ("COUNT_DIFFERS", "AMOUNT_UNREADABLE", "TOTAL_DIFFERS")
    assert [code for code in HELD_CODES if code in file.plan.reasons] == list(file.plan.reasons)
    (file,) = simulate(header, lines, seed=1, faults=["wrong_total", "utf8"])
    assert (file.plan.state, file.plan.refused_because) == (FileState.REJECTED, "WRONG_ENCODING")


@pytest.mark.parametrize(
    ("fault", "buckets"), [("all_ok", {"SETTLED"}), ("all_declined", {"DECLINED"}), ("no_lines", set())]
)
def test_the_simple_mixes(fault: str, buckets: set[str]) -> None:
    header, lines = request(40)
    (file,) = simulate(header, lines, seed=1, faults=[fault])
    report = file.plan.report()
    assert {name for name, bucket in report["buckets"].items() if bucket["lines"]} == buckets
    assert report["no_answer"]["lines"] == (40 if fault == "no_lines" else 0)
    assert by_reference(Books(header, lines, TODAY), file) == planned(file)


def test_the_same_bytes_again_repeat_the_first_report() -> None:
    header, lines = request(60)
    first, again = simulate(header, lines, seed=1, faults=["same_bytes"])
    assert again.content == first.content
    assert again.name == "YBDK_103_450800_20250115_0001_R2.txt"
    report = again.plan.report()
    assert (report["state"], report["refused_because"], report["changed"]) == (
        "REJECTED",
        "ALREADY_RECEIVED",
        0,
    )
    assert report["buckets"] == first.plan.report()["buckets"]


def test_the_same_content_with_other_line_ends_is_recognised_and_held() -> None:
    header, lines = request(500)
    first, again = simulate(header, lines, seed=1, faults=["same_content_lf"])
    assert again.content != first.content
    one, two = read(first), read(again)
    assert (one.content_sha256, one.sha256 == two.sha256) == (two.content_sha256, False)
    books = Books(header, lines, TODAY)
    assert by_reference(books, first) == planned(first)
    assert by_reference(books, again) == planned(again)
    for bucket in Bucket:
        assert again.plan.buckets[bucket].lines == first.plan.buckets[bucket].lines


def test_all_further_files_together_come_in_the_order_of_their_plans() -> None:
    header, lines = request(500)
    files = simulate(header, lines, seed=1, faults=["second_answers", "same_content_lf", "same_bytes"])
    assert [file.plan.refused_because for file in files] == [None, "ALREADY_RECEIVED", "SAME_CONTENT", None]
    assert [file.name[-6:] for file in files] == ["R1.txt", "R2.txt", "R3.txt", "R4.txt"]
    books = Books(header, lines, TODAY)
    for file in (files[0], files[2], files[3]):
        assert by_reference(books, file) == planned(file)


@pytest.mark.parametrize("more", sorted(MORE_FILES))
def test_nothing_follows_a_file_that_is_not_applied(more: str) -> None:
    header, lines = request(50)
    with pytest.raises(FaultImpossible):
        simulate(header, lines, seed=1, faults=["wrong_total", more])


@pytest.mark.parametrize("fault", ["cut_file", "bad_amount", "utf8", "header_missing", "many_rejected"])
def test_faults_that_need_a_line(fault: str) -> None:
    header, lines = request(0)
    with pytest.raises(FaultImpossible):
        simulate(header, lines, seed=1, faults=[fault])


def test_names_that_do_not_exist() -> None:
    header, lines = request(3)
    with pytest.raises(UnknownFault):
        simulate(header, lines, seed=1, faults=["no_such_fault"])
    with pytest.raises(FaultImpossible):
        simulate(header, lines, seed=1, faults=["all_ok", "all_declined"])
    with pytest.raises(UnknownSerialOrder):
        simulate(header, lines, seed=1, bank=SimulatedBank(serials="falling"))


def test_the_list_of_faults_names_every_one() -> None:
    wanted = """second_answers wrong_count wrong_total wrong_ok_total cut_file bad_field_count bad_amount
        huge_amount many_rejected empty html pdf zip xml_dtd utf8 utf16 bom header_missing unknown_batch
        unknown_bank wrong_digest same_content_lf same_bytes long_line nul_byte all_ok all_declined
        no_lines"""
    assert set(wanted.split()) <= list_faults().keys()


# --- holders and serials ---------------------------------------------------------------------------


def test_spellings_mean_the_same_holder_and_other_names_do_not() -> None:
    rng = random.Random(1)
    spellings = set()
    for holder in HOLDERS:
        for _ in range(20):
            spelling = spelled_otherwise(holder, rng)
            spellings.add(spelling != holder)
            assert fold_name(spelling) == fold_name(holder)
            assert fold_name(somebody_else(holder, rng)) != fold_name(holder)
    assert True in spellings


def test_serials_are_never_given_twice_within_a_bank() -> None:
    seen: Counter[str] = Counter()
    for batch in ("0001", "0002"):
        header, lines = request(200, batch)
        for file in simulate(header, lines, seed=1, faults=["all_ok", "second_answers"]):
            texts = file.content.decode("gb18030").split("\r\n")[1:-1]
            for line, text in zip(file.plan.lines, texts, strict=True):
                if line.bucket is Bucket.SETTLED and not line.repeated:
                    seen[text.split("|")[7]] += 1
    assert max(seen.values()) == 1
    assert len(seen) == 400


def test_the_debit_days_lie_in_the_window_unless_planted() -> None:
    header, lines = request(400)
    header = replace(header, debit_to=date(2025, 1, 15))
    (file,) = simulate(header, lines, seed=9)
    texts = file.content.decode("gb18030").split("\r\n")[1:-1]
    planned_days: dict[bool, set[str]] = {True: set(), False: set()}
    for line, text in zip(file.plan.lines, texts, strict=True):
        planned_days[line.plant is Plant.DATE_OUTSIDE].add(text.split("|")[8])
    assert planned_days[False] == {"20250115"}
    assert "20250115" not in planned_days[True]


def test_a_parsed_request_is_answered_like_the_values_it_came_from() -> None:
    from_file = parse_request(request_file(30))
    assert from_file == request(30)
    assert simulate(*from_file, seed=6)[0].content == simulate(*request(30), seed=6)[0].content
