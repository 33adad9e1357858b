"""The pages of lists: upload, preview, confirmation bound to who saw it, error file, undo."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bureau.models import ExportRecord, User
from enrollment.models import ListFile, Person
from enrollment.services import lists
from enrollment.states import ListState
from enrollment.tasks import process_list
from tests import builders
from tests.enrollment import listkit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff: Callable[..., User]) -> User:
    return staff("clerk")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, content: bytes, name: str = "城西村.xlsx", **values: Any) -> ListFile:
    data = {
        "kind": "REGISTER", "issuer": "BUREAU", "region": builders.GUIGANG, "month": "",
        "file": SimpleUploadedFile(name, content), **values,
    }  # fmt: skip
    response = client.post(reverse("admin:enrollment_listfile_upload"), data)
    assert response.status_code == 302
    return ListFile.objects.order_by("-id")[0]


def act(client: Client, file: ListFile, action: str, **values: Any) -> Any:
    return client.post(
        reverse("admin:enrollment_listfile_act", args=[file.pk]), {"action": action, **values}, follow=True
    )


def token_of(client: Client, file: ListFile) -> str:
    page = client.get(reverse("admin:enrollment_listfile_change", args=[file.pk]))
    return page.context["token"]


def test_upload_preview_confirm_and_error_file(clerk: User) -> None:
    good = builders.id_number()
    client = browser(clerk)
    file = upload(
        client, listkit.xlsx([listkit.row(good, "张三"), listkit.row("450802199008150014", "李四")])
    )
    assert file.state == ListState.READ
    page = client.get(reverse("admin:enrollment_listfile_change", args=[file.pk])).content.decode()
    assert "张*" in page
    assert good not in page
    assert "证件号码" in page
    act(client, file, "confirm", token=token_of(client, file))
    assert Person.objects.get(id_number=good).name == "张三"
    sent = client.post(reverse("admin:enrollment_listfile_errors", args=[file.pk]))
    rows = list(csv.reader(io.StringIO(b"".join(sent.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert rows[1] == [
        "3", "证件号码", "450802********0014", "id_check_digit", "证件号码校验位不符：有一位错误。",
    ]  # fmt: skip
    assert ExportRecord.objects.get(what="list_errors").user == clerk


def test_s19_a_confirmation_is_bound_to_who_saw_the_preview(clerk: User, staff: Callable[..., User]) -> None:
    mine, other = browser(clerk), browser(staff("clerk"))
    file = upload(mine, listkit.xlsx([listkit.row(builders.id_number())]))
    token = token_of(mine, file)
    assert act(other, file, "confirm", token=token).status_code == 404
    assert act(mine, file, "confirm", token="made-up").status_code == 404
    assert act(mine, file, "confirm").status_code == 404
    forged = signing.dumps([file.pk, clerk.pk, file.sha256, file.tallies], salt="another")
    assert act(mine, file, "confirm", token=forged).status_code == 404
    assert token_of(other, file) == ""
    file.refresh_from_db()
    assert file.state == ListState.READ
    with time_machine.travel("2099-01-01"):
        late = browser(clerk)
        assert act(late, file, "confirm", token=token).status_code == 404


def test_s20_what_was_read_again_since_must_be_seen_again(clerk: User) -> None:
    client = browser(clerk)
    file = upload(client, listkit.xlsx([listkit.row(builders.id_number())]))
    token = token_of(client, file)
    ListFile.objects.filter(pk=file.pk).update(tallies={"NEW": 0, "SAME": 1})
    page = act(client, file, "confirm", token=token)
    assert "名单又被重新读取" in page.content.decode()
    file.refresh_from_db()
    assert file.state == ListState.READ


def test_s23_two_tabs_confirm_once(clerk: User) -> None:
    client = browser(clerk)
    content = listkit.xlsx([listkit.row(builders.id_number())])
    first, second = upload(client, content), upload(client, content)
    assert (first.tallies, second.tallies) == ({"NEW": 1, "SAME": 0}, {"NEW": 1, "SAME": 0})
    act(client, first, "confirm", token=token_of(client, first))
    act(client, second, "confirm", token=token_of(client, second))
    second.refresh_from_db()
    assert (second.state, second.tallies) == (ListState.APPLIED, {"CONTRADICTORY": 1, "SAME": 0})
    third = upload(client, content)
    assert third.tallies == {"SAME": 1}
    assert Person.objects.count() == 1


def test_s21_a_large_list_is_left_to_a_worker(clerk: User) -> None:
    client = browser(clerk)
    rows = [listkit.row("4508021990081500") for _ in range(5_001)]
    file = upload(client, listkit.csv(rows), name="large.csv")
    assert file.state == ListState.QUEUED
    progress = client.get(reverse("admin:enrollment_listfile_progress", args=[file.pk])).json()
    assert (progress["state"], progress["percent"]) == ("QUEUED", 0)
    process_list(list_id=file.pk)
    process_list(list_id=file.pk)
    file.refresh_from_db()
    assert (file.state, file.tallies) == (ListState.READ, {"ERROR": 5_001, "SAME": 0})
    page = client.get(reverse("admin:enrollment_listfile_change", args=[file.pk]))
    assert len(page.context["detail"].tables[0].rows) == 100


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b""),
        ("a.pdf", b"%PDF-1.7"),
        ("../../x.xlsx", b"PK\x03\x04"),
        ("a" * 190 + ".csv", b"\xff\xfe"),
    ],
)
def test_whatever_is_uploaded_is_answered(clerk: User, name: str, content: bytes) -> None:
    client = browser(clerk)
    file = upload(client, content, name=name)
    assert file.state == ListState.REJECTED
    page = client.get(reverse("admin:enrollment_listfile_change", args=[file.pk]))
    assert page.status_code == 200
    assert len(page.context["detail"].notices) == 1


def test_dropping_stopping_resuming_and_taking_back(clerk: User) -> None:
    client = browser(clerk)
    dropped = upload(client, listkit.xlsx([listkit.row(builders.id_number())]))
    act(client, dropped, "drop")
    kept = upload(client, listkit.xlsx([listkit.row(builders.id_number())]))
    lists.confirm(list_id=kept.pk, by=clerk, at=listkit.AT)
    act(client, kept, "stop")
    kept.refresh_from_db()
    assert kept.state == ListState.STOPPED
    act(client, kept, "resume")
    kept.refresh_from_db()
    assert kept.state == ListState.APPLIED
    act(client, kept, "undo", reason="错误的名单")
    states = ListFile.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [ListState.DROPPED, ListState.UNDONE]
    assert act(client, kept, "nothing").status_code == 200


def test_the_template_holds_the_columns_as_text(clerk: User) -> None:
    answer = browser(clerk).get(reverse("admin:enrollment_listfile_template", args=["REGISTER"]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:12] == list(listkit.HEADER)
    assert sheet["C1"].number_format == "@"
    assert browser(clerk).get(reverse("admin:enrollment_listfile_template", args=["ODD"])).status_code == 404


def test_pages_of_lists_are_walked_by_those_who_may(clerk: User, staff: Callable[..., User]) -> None:
    file = upload(browser(clerk), listkit.xlsx([listkit.row(builders.id_number())]))
    names = ("change", "progress", "errors", "act")
    for user, code in ((staff("tax_officer"), 403), (staff("clerk", "110000"), 404)):
        client = browser(user)
        for name in names:
            address = reverse(f"admin:enrollment_listfile_{name}", args=[file.pk])
            answer = client.post(address) if name in ("act", "errors") else client.get(address)
            assert (name, answer.status_code) == (name, code)
