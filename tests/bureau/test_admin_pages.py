"""Every page of the desk: in Chinese, in English, hardened, with a fixed number of queries, and never a 500."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bureau.models import ExportRecord
from enrollment.models import EmployeeSpell, PersonCategory, PriorCover
from payments.models import BankFile, BankLine, ClosedDay, DebitBatch, Mandate, Receivable, WorkItem
from payments.models.bankfiles import LINES_A_FILE
from payments.states import Bucket
from tests import builders
from tests.bureau import desk_world
from tests.bureau.desk_world import HOME, PAGES, ROLES, Page, World, client_of
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT

# Words that stand in English on a Chinese page: names of formats, digests, file names, what people typed.
ALLOWED_ENGLISH = re.compile(
    r"books of a test|never debited|pacs|pain|CLERK_ERROR|https|YB[A-Z]{2}_\w*|\{(?:name|year|amount|day)\}|\b[A-Z]{4}\b|"
    r"SHA-256|SM3|CSV|XLSX|xlsx|GB18030|English|Enter|Ctrl|AIPG|POSTAL|TIPS|ISO20022|YBDK\w*|asked the bank|"
    r"[a-z_]+-\d+|R\d|A\d+|S\d+-\d+|C-1|v\d+|[0-9a-f]{6,}|Guigang.*|assumed|seed\w*|OK_?\w*|txt|sm3|payments|held"
)


@pytest.fixture
def world(db: None) -> World:
    """A bureau with one of everything."""
    return desk_world.make()


def _reader(page: Page) -> tuple[str, str]:
    """The role that may open the page, and the region of its row."""
    role = next(
        role for role in ("supervisor", "clerk", "auditor", "sysadmin", "tax_officer") if page.allowed(role)
    )
    return role, page.region or HOME


@dataclass(frozen=True)
class Seen:
    """Every page as somebody who may open it sees it, and what none of them may show."""

    pages: list[tuple[str, HttpResponse, str]]
    secrets: frozenset[str]


@pytest.fixture(scope="module")
def seen(django_db_setup: None, django_db_blocker: Any) -> Seen:
    """One walk over all pages, for the tests that only read what came."""
    with django_db_blocker.unblock(), transaction.atomic():
        world, pages = desk_world.make(), []
        clients = {who: client_of(world.who(*who)) for who in {_reader(page) for page in PAGES}}
        for page in PAGES:
            response = clients[_reader(page)].get(page.address(world))
            pages.append((page.name, response, b"".join(response).decode(errors="replace")))
        secrets = {
            world.person.id_number,
            world.stranger.id_number,
            *Mandate.objects.values_list("account", flat=True),
        }
        transaction.set_rollback(True)
    return Seen(pages, frozenset(secrets))


def _is_html(response: HttpResponse) -> bool:
    return response.headers["Content-Type"].startswith("text/html")


def _visible(html: str) -> str:
    """The words that a person reads: no tags, no scripts, no styles, no option values."""
    body = html[html.index("<body") :]
    body = re.sub(r"(?s)<(script|style|svg|template)\b.*?</\1>", " ", body)
    body = re.sub(r'(?s)<span class="[^"]*material-symbols-outlined[^"]*"[^>]*>.*?</span>', " ", body)
    return re.sub(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""", " ", body)


def test_pages_are_chinese(seen: Seen) -> None:
    """Nothing a person reads is English, unless it is a name or a code."""
    found = []
    for name, response, html in seen.pages:
        if _is_html(response):
            text = ALLOWED_ENGLISH.sub(" ", _visible(html))
            found += [(name, word) for word in re.findall(r"[A-Za-z]{4,}", text)]
    assert " ".join(sorted({f"{name}:{word}" for name, word in found})) == ""


STOCK = ("/desk/login/", "/desk/password_change/", "/desk/payments/", "/desk/enrollment/", "/desk/bureau/")


def test_the_pages_of_the_admin_itself_are_chinese(world: World) -> None:
    """Log-in, change of password, the overviews of the apps, and what stands after logging out."""
    clerk = world.who("clerk")
    clerk.set_password("correct horse battery staple")
    clerk.save()
    client = client_of(clerk)
    pages = {address: (Client() if "login" in address else client).get(address) for address in STOCK}
    pages["logout"] = client_of(clerk).post("/desk/logout/")
    for address, response in pages.items():
        text = ALLOWED_ENGLISH.sub(" ", _visible(response.content.decode()))
        assert (address, response.status_code, re.findall(r"[A-Za-z]{4,}", text)) == (address, 200, [])


def test_too_many_wrong_passwords_lock_in_words(world: World) -> None:
    """H21: five from one machine; the page says so, and a right password does not open it either."""
    clerk = world.who("clerk")
    clerk.set_password("correct horse battery staple")
    clerk.save()
    client, address = Client(), reverse("admin:login")
    for _attempt in range(5):
        response = client.post(address, {"username": clerk.username, "password": "wrong"})
    assert response.status_code == 429
    assert "尝试次数过多" in response.content.decode()
    sent = {"username": clerk.username, "password": "correct horse battery staple"}
    assert client.post(address, sent).status_code == 429


def test_the_language_switch(world: World) -> None:
    """English is one click away, also before the log-in; a browser's own preference does not count."""
    client = client_of(world.who("clerk"))
    home = reverse("admin:index")
    assert "待办事项" in client.get(home, headers={"accept-language": "en"}).content.decode()
    response = client.post(reverse("set_language"), {"language": "en", "next": home})
    assert response.headers["Location"] == home
    assert "Work items" in client.get(home).content.decode()
    stranger = Client()
    assert "登录" in stranger.get(reverse("admin:login")).content.decode()
    stranger.post(reverse("set_language"), {"language": "en"})
    assert "Log in" in stranger.get(reverse("admin:login")).content.decode()


def test_an_unknown_language_is_our_own(world: World) -> None:
    """A forged cookie gets Chinese."""
    client = client_of(world.who("clerk"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    response = client.get(reverse("admin:index"))
    assert response.headers["Content-Language"] == "zh-hans"


def test_every_page_is_hardened(seen: Seen) -> None:
    """No cache, a content security policy without inline scripts, and indeed no inline script or handler."""
    for name, response, html in seen.pages:
        policy = dict(
            part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")
        )
        assert response.headers["Cache-Control"] == "no-store", name
        assert "'unsafe-inline'" not in policy["script-src"], name
        assert (policy["object-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
        if _is_html(response):
            assert re.findall(r"<script(?![^>]*\bsrc=)", html) == [], name
            assert re.findall(r"\son(?:click|change|submit|load|input)=", html) == [], name


ODD = (
    "?q=%00",
    "?o=x",
    "?o=99.-3.x",
    "?p=-1",
    "?p=99999999999999999999",
    "?all=",
    "?e=1",
    "?after=x",
    "?after=99999999999999999999999",
    "?after=2025-13-45~1",
    "?before=1~2~3~4~5~6",
    "?_facets=1",
    "?year=9999999999",
    "?state=%27%3B--",
    "?due_to=9999-99-99",
    "?due_to=0001-01-01",
    "?region=999999",
    "?region=%EF%BC%91",
    "?file=99999999999999999999&bucket=9",
    "?file=x",
    "?_popup=1&_to_field=id",
)
PROBES = (
    "?id_number__startswith=1101",
    "?person__id_number__startswith=1101",
    "?password__startswith=a",
    "?account__startswith=6228",
    "?amount__gt=1",
    "?posted_at__year=99999999999",
    "?_to_field=id_number",
)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_answers_500(world: World, role: str) -> None:
    """F01: every page as every role, with every odd query: a page, a redirect or a refusal, never an error of ours."""
    client = client_of(world.who(role))
    client.raise_request_exception = True
    for page in PAGES:
        address = page.address(world).split("?")[0]
        reads = role == "supervisor" and page.name.endswith(
            ("_changelist", "_export", "_unanswered", "index")
        )
        for odd in ODD if reads else ODD[:2]:
            assert (page.name, odd, client.get(address + odd).status_code < 500) == (page.name, odd, True)


def test_columns_cannot_be_probed(world: World) -> None:
    """F06, F07: only the filters on offer filter; any other lookup, and a field to point to, is refused."""
    clients = {role: client_of(world.who(role)) for role in ("supervisor", "sysadmin")}
    for page in PAGES:
        if page.name.endswith("_changelist") and page.name not in ("admin:bureau_workday_changelist",):
            client = clients["supervisor" if page.allowed("supervisor") else "sysadmin"]
            address = page.address(world)
            for probe in PROBES:
                sent = f"{address}&{probe[1:]}" if "?" in address else f"{address}{probe}"
                assert (page.name, probe, client.get(sent).status_code) == (page.name, probe, 400)


@pytest.mark.parametrize("key", ["0", "-1", "9" * 19, "9" * 400, "x", "1e5", "%20", "_2F", "１"])
def test_odd_keys_find_nothing(world: World, key: str) -> None:
    """Ids beyond bigint, signs, letters, full-width digits: 404."""
    client = client_of(world.who("auditor"))
    for page in PAGES:
        if page.name.endswith("_change"):
            model = page.name.removeprefix("admin:").removesuffix("_change").replace("_", "/")
            if model != "bureau/user":
                assert (page.name, client.get(f"/desk/{model}/{key}/change/").status_code) == (page.name, 404)


def test_unreadable_input_is_refused_in_words(world: World) -> None:
    """NUL in a path, a query or a form: 400 with a sentence."""
    client = client_of(world.who("clerk"))
    for response in (
        client.get("/desk/payments/payment/%00/change/"),
        client.get(reverse("admin:payments_payment_changelist") + "?year=%00"),
        client.post(reverse("desk:search"), "text=a%00b", content_type="application/x-www-form-urlencoded"),
        client.post(
            reverse("admin:payments_workitem_bulk"),
            "item=%00&action=take",
            content_type="application/x-www-form-urlencoded",
        ),
    ):
        assert response.status_code == 400
        assert "无法识别的请求" in response.content.decode()


def test_too_many_fields_get_a_clear_page(world: World) -> None:
    """F14: more than the limit is told in words."""
    client = client_of(world.who("clerk"))
    sent = {"item": [str(number) for number in range(3000)], "action": "take"}
    response = client.post(reverse("admin:payments_workitem_bulk"), sent)
    assert response.status_code == 400
    assert "请减少选择的行数" in response.content.decode()


def test_choices_of_another_region_are_refused(world: World) -> None:
    """F04: a region that is not on offer is no valid choice; the autocomplete of the stock admin has nothing to say."""
    client = client_of(world.who("supervisor"))
    sent = {"region": "510000", "year": "2025", "bank": "103", "debit_date": "2025-01-15"}
    response = client.post(reverse("admin:payments_debitbatch_freeze"), sent)
    assert response.context["form"].errors.keys() == {"region"}
    response = client.post(
        reverse("admin:payments_closedday_close"), {"region": "510000", "day": "2025-01-15"}
    )
    assert response.context["form"].errors.keys() == {"region"}
    assert not ClosedDay.objects.filter(region_id="510000").exists()
    for model, name in (("receivable", "person"), ("workitem", "region"), ("payment", "region")):
        query = f"?app_label=payments&model_name={model}&field_name={name}&term=1"
        assert client.get(reverse("admin:autocomplete") + query).status_code in (403, 404)


def test_numbers_in_forms_are_bounded(world: World) -> None:
    """F09: four hundred digits are an error of the form, not of the database."""
    client = client_of(world.who("supervisor"))
    sent = {"region": HOME, "year": "9" * 400, "bank": "103", "debit_date": "99999-01-01"}
    response = client.post(reverse("admin:payments_debitbatch_freeze"), sent)
    assert response.context["form"].errors.keys() == {"year", "debit_date"}


XSS = "<script>alert(1)</script>"


def test_markup_in_texts_is_shown_as_text(world: World) -> None:
    """F13: names, notes, reasons, titles from outside are escaped wherever they stand."""
    person = builders.make_person(HOME, name=XSS)
    builders.enrol(person)
    due = bookbuilders.assess(person=person)
    batch, (asked,) = bookbuilders.freeze([due], world.books.home, number=8)
    answers = [bookbuilders.Answer(asked, Bucket.UNMATCHED, reason="HOLDER_DIFFERS")]
    file = bookbuilders.apply_file(batch, world.books.home, answers, name=f"{XSS}.txt")
    item = WorkItem.objects.get(file=file)
    clerk = world.who("clerk")
    client = client_of(clerk)
    act = reverse("admin:payments_workitem_act", args=[item.pk])
    client.post(act, {"action": "note", "text": XSS})
    client.post(act, {"action": "resolve", "text": XSS})
    for address in (
        reverse("desk:person", args=[person.pk]),
        reverse("admin:enrollment_person_changelist"),
        reverse("admin:payments_receivable_changelist"),
        reverse("admin:payments_bankfile_changelist"),
        reverse("admin:payments_bankfile_change", args=[file.pk]),
        reverse("admin:payments_workitem_change", args=[item.pk]),
        f"{reverse('admin:payments_workitem_changelist')}?who=resolved",
        f"{reverse('admin:payments_bankline_changelist')}?file={file.pk}",
        reverse("admin:payments_bankline_change", args=[file.pk * LINES_A_FILE + 1]),
        reverse("admin:payments_mandate_changelist"),
        reverse("admin:index"),
    ):
        html = client.get(address).content.decode()
        assert XSS not in html, address
    assert "&lt;script&gt;" in client.get(reverse("desk:person", args=[person.pk])).content.decode()


def test_our_code_marks_nothing_as_safe() -> None:
    """The only way to markup is format_html or a template that escapes."""
    roots = [
        settings.BASE_DIR / name for name in ("bureau", "enrollment", "payments", "refunds", "templates")
    ]
    for root in roots:
        for path in [*root.rglob("*.py"), *root.rglob("*.html")]:
            text = path.read_text(encoding="utf-8")
            assert "mark_safe(" not in text, path
            assert not re.search(r"\|\s*safe\b|autoescape off", text), path


def test_numbers_are_masked_everywhere(seen: Seen) -> None:
    """No page shows a whole ID number or account, in clear or in an attribute."""
    assert len(seen.secrets) > 2
    for name, _response, html in seen.pages:
        assert [secret for secret in seen.secrets if secret in html] == [], name


LISTS = (
    "enrollment_person",
    "enrollment_coverage",
    "payments_receivable",
    "payments_payment",
    "payments_mandate",
    "payments_workitem",
    "payments_debitbatch",
    "payments_bankfile",
    "payments_settlementline",
    "payments_debitcase",
    "payments_daycut",
    "payments_declarationvoid",
    "payments_pushbatch",
    "bureau_exportrecord",
)


def _more(world: World, number: int) -> None:
    """``number`` more rows of everything that a list shows."""
    for nth in range(number):
        due = bookbuilders.assess(name=f"王{nth}")
        batch, _made = bookbuilders.freeze([due], world.books.home, number=100 + nth)
        bookbuilders.queue_file(batch, world.books.home, name=f"M{nth}.")
        bookbuilders.pay_at_counter(due, f"M-{nth}")
        WorkItem.objects.create(
            kind="SWAP",
            region_id=HOME,
            person=due.person,
            due_on="2025-02-01",
            opened_at=AT,
            reason="ALREADY_PAID",
        )
        ExportRecord.objects.create(user=world.books.home.supervisor, at=AT, what="payments")


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    counts = [query["sql"] for query in captured if re.search(r"SELECT COUNT\(|OFFSET", query["sql"])]
    assert counts == []
    return len(captured)


def test_lists_take_a_fixed_number_of_queries(world: World) -> None:
    """5 rows or 50: the same queries, and none of them counts or skips rows."""
    client = client_of(world.who("supervisor"))
    addresses = [reverse(f"admin:{name}_changelist") for name in LISTS]
    _more(world, 5)
    few = {address: _queries(client, address) for address in addresses}
    _more_later(world)
    assert {address: _queries(client, address) for address in addresses} == few
    assert max(few.values()) <= 16


def _more_later(world: World) -> None:
    for nth in range(45):
        due = bookbuilders.assess(name=f"赵{nth}")
        batch, _made = bookbuilders.freeze([due], world.books.home, number=200 + nth)
        bookbuilders.queue_file(batch, world.books.home, name=f"L{nth}.")
        bookbuilders.pay_at_counter(due, f"L-{nth}")
        WorkItem.objects.create(
            kind="SWAP",
            region_id=HOME,
            person=due.person,
            due_on="2025-02-01",
            opened_at=AT,
            reason="ALREADY_PAID",
        )
        ExportRecord.objects.create(user=world.books.home.supervisor, at=AT, what="payments")


def test_lines_and_home_take_a_fixed_number_of_queries(world: World) -> None:
    """The lines of a file, and the home page."""
    client = client_of(world.who("supervisor"))
    due = [bookbuilders.assess() for _nth in range(45)]
    batch, asked = bookbuilders.freeze(due, world.books.home, number=9)
    addresses = [reverse("admin:index")]
    small = f"{reverse('admin:payments_bankline_changelist')}?file={world.books.file.pk}"
    before = [_queries(client, address) for address in [*addresses, small]]
    answers = [bookbuilders.Answer(one, Bucket.DECLINED, ok=False) for one in asked]
    file = bookbuilders.apply_file(batch, world.books.home, answers, name="R9")
    big = f"{reverse('admin:payments_bankline_changelist')}?file={file.pk}"
    assert [_queries(client, address) for address in [*addresses, big]] == before


def test_the_person_page_takes_a_fixed_number_of_queries(world: World) -> None:
    """Twenty more rows of each kind cost no more queries."""
    client, person = client_of(world.who("clerk")), world.books.reversed.person
    address = reverse("desk:person", args=[person.pk])

    def add(first: int, number: int) -> None:
        for nth in range(first, first + number):
            WorkItem.objects.create(
                kind="SWAP", region_id=HOME, person=person, due_on="2025-02-01", opened_at=AT, reason=""
            )
            PersonCategory.objects.create(person=person, category="DIBAO", valid_from=date(2000 + nth, 1, 1))
            PriorCover.objects.create(person=person, benefit_year=2000 + nth)
            EmployeeSpell.objects.create(person=person, started_on=date(2000 + nth, 1, 1), region_id=HOME)
            due = Receivable.objects.get(pk=world.books.reversed.receivable_id)
            bookbuilders.cover(due, None, start=None, end=None, reason="REVERSED", paid_on=None)

    add(0, 1)
    before = _queries(client, address)
    add(1, 20)
    assert _queries(client, address) == before <= 40


class TestPages:
    """Forward and back through a list, row by row, without a gap or a repetition."""

    def walk(self, client: Client, address: str, name: str) -> Iterator[list[Any]]:
        """The keys of each page, following the links."""
        url = address
        while url:
            changes = client.get(address + url if url.startswith("?") else url).context["cl"]
            yield [row.pk for row in changes.result_list]
            url = getattr(changes, f"{name}_url")

    @pytest.mark.parametrize(
        ("model", "order"), [("receivable", "-id"), ("workitem", "due_on,id"), ("bankfile", "-id")]
    )
    def test_forward_and_back(self, world: World, model: str, order: str) -> None:
        """All rows once, in order; back again the same."""
        _more(world, 60)
        client = client_of(world.who("supervisor"))
        address = reverse(f"admin:payments_{model}_changelist")
        rows = {"receivable": Receivable, "workitem": WorkItem, "bankfile": BankFile}[model].objects.filter(
            region_id=HOME
        )
        wanted = list(rows.order_by(*order.split(",")).values_list("pk", flat=True))
        pages = list(self.walk(client, address, "next"))
        assert [key for page in pages for key in page] == wanted
        assert len(pages) == 2
        last = client.get(address).context["cl"].next_url
        back = client.get(address + client.get(address + last).context["cl"].previous_url).context["cl"]
        assert [row.pk for row in back.result_list] == pages[0]

    def test_several_regions_are_merged_in_order(self, world: World) -> None:
        """A supervisor of two regions sees one list, newest first."""
        user = world.who("supervisor")
        user.staff_regions.create(region_id="510000")
        shown = client_of(user).get(reverse("admin:payments_receivable_changelist")).context["cl"].result_list
        keys = [row.pk for row in shown]
        assert keys == sorted(keys, reverse=True)
        assert {row.region_id for row in shown} == {HOME, "510000"}


class TestFile:
    """The page of a file, and what moves on it."""

    def test_progress_by_phase(self, world: World) -> None:
        """Reading is 40 %, matching 45 %, posting the rest by chunks."""
        file = bookbuilders.queue_file(
            world.books.dropped, world.books.home, name="W1", header={"lines": 200}
        )
        client = client_of(world.who("clerk"))
        address = reverse("admin:payments_bankfile_progress", args=[file.pk])
        assert client.get(address).json()["percent"] == 0
        BankFile.objects.filter(pk=file.pk).update(state="RUNNING")
        lease = file.lease
        seen = []
        for phase, lines in (("STAGING", 100), ("MATCHING", 200), ("POSTING", 200)):
            lease.phase, lease.lines_seen = phase, lines
            lease.save()
            seen.append(client.get(address).json()["percent"])
        file.chunks.create(number=1, first=1, last=100, state="DONE")
        file.chunks.create(number=2, first=101, last=200)
        answer = client.get(address).json()
        assert seen == [20, 45, 50]
        assert (answer["percent"], answer["chunks_done"], answer["chunks"], answer["phase"]) == (
            75,
            1,
            2,
            "正在入账",
        )

    def test_the_held_page_says_why(self, world: World) -> None:
        """The reason in words, the preview, the buttons for the second person."""
        address = reverse("admin:payments_bankfile_change", args=[world.books.held_file.pk])
        text = _visible(client_of(world.who("supervisor")).get(address).content.decode())
        assert "文件头为6笔，文件实有5笔。" in text
        assert "预计结果，尚未入账" in text
        assert "放行" in text

    def test_uploading_leaves_a_row_or_a_reason(self, world: World, settings: Any, tmp_path: Any) -> None:
        """A page of the bank's portal is refused in words; the same bytes again lead to the first file."""
        settings.MEDIA_ROOT = tmp_path
        client = client_of(world.who("clerk"))
        address = reverse("admin:payments_bankfile_upload")
        page = b"<html><body>maintenance</body></html>"
        for _attempt in range(2):
            sent = {"file": _upload("YBDK_103_450800_20250115_0001_R1.txt", page)}
            response = client.post(address, sent, follow=True)
            assert "不是回盘文件" in response.content.decode()
        names = BankFile.objects.filter(uploaded_by__username=world.who("clerk").username)
        assert set(names.values_list("state", flat=True)) == {"REJECTED"}

    def test_a_digest_file_that_is_too_long_is_refused(self, world: World) -> None:
        """It is a line, not a book."""
        client = client_of(world.who("clerk"))
        sent = {"file": _upload("a.txt", b"x"), "digest": _upload("a.txt.sm3", b"0" * 5000)}
        response = client.post(reverse("admin:payments_bankfile_upload"), sent)
        assert response.context["form"].errors.keys() == {"digest"}


def _upload(name: str, content: bytes) -> Any:
    return SimpleUploadedFile(name, content)


def test_lines_need_a_file(world: World) -> None:
    """There is no list of all lines: without a file one is led to the files."""
    address = reverse("admin:payments_bankline_changelist")
    client = client_of(world.who("clerk"))
    assert client.get(address).headers["Location"] == reverse("admin:payments_bankfile_changelist")
    shown = client.get(f"{address}?file={world.books.file.pk}&bucket=5").context["cl"].result_list
    assert {line.bucket for line in shown} == {5}
    assert [line.pk for line in shown] == sorted(
        BankLine.objects.filter(bucket=5, region_id=HOME).values_list("pk", flat=True)
    )


def test_the_home_page_sums_tallies(world: World) -> None:
    """The year's figures are the batches' and the tallies' own, repeated lines not counted twice."""
    desk = client_of(world.who("supervisor")).get(reverse("admin:index")).context["desk"]
    assert (desk["year"], desk["asked_lines"]) == (
        2025,
        DebitBatch.objects.get(pk=world.books.batch.pk).lines,
    )
    assert [part.number for part in desk["year_bar"].parts] == [2, 0, 2, 1, 2, 1]
    assert [str(proposal) for proposal in desk["proposals"]] == [world.held.title]
