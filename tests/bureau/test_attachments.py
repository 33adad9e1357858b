"""Attachments: stored whole under random names, handed out to those who may see their subject."""

import os
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from bureau import attachments, tasks
from bureau.models import Attachment, Proposal, Region, User
from tests.builders import GUIGANG
from tests.bureau.drawings import DOCUMENT, picture

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def proposal(staff: Staff, at: datetime) -> Proposal:
    """Something to attach to."""
    return Proposal.objects.create(
        kind="k",
        subject_type="bureau.region",
        subject_id=GUIGANG,
        region_id=GUIGANG,
        title="t",
        made_by=staff("clerk"),
        made_at=at,
    )


def attach(proposal: Any, at: datetime, content: bytes | None = None, **more: Any) -> Attachment:
    file = content or picture()
    return attachments.store(
        file=file, subject=proposal, region_id=GUIGANG, by=proposal.made_by, at=at, **more
    )


def get(user: User | None, attachment: Attachment) -> Any:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(reverse("desk:attachment", args=[attachment.pk]))


def test_a_file_lies_below_the_data_directory_under_a_random_name(
    proposal: Proposal, at: datetime, var: Path
) -> None:
    one, two = attach(proposal, at, name="../../etc/cron.d/张三.jpg"), attach(proposal, at)
    paths = [path for path in var.rglob("*") if path.is_file()]
    assert {path.name for path in paths} == {one.stored_as, two.stored_as}
    assert {path.parent.parent for path in paths} == {var / "attachments"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert one.name == "张三.jpg"
    assert list(attachments.of(proposal)) == [one, two]
    assert attachments.read(one) == attachments.path_of(one.stored_as).read_bytes()


def test_an_uploaded_file_brings_its_name(proposal: Proposal, at: datetime) -> None:
    file = BytesIO(picture("PNG"))
    file.name = "scan.gif"
    kept = attachments.store(
        file=file, subject=proposal, region_id=GUIGANG, by=proposal.made_by, at=at, kind="ID_FRONT"
    )
    assert (kept.name, kept.kind, kept.content_type) == ("scan.png", "ID_FRONT", "image/png")


def test_there_is_an_end_to_it(proposal: Proposal, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_A_SUBJECT", 1)
    attach(proposal, at)
    with pytest.raises(attachments.TooManyAttachments):
        attach(proposal, at)


def test_who_may_see_it(proposal: Proposal, at: datetime, staff: Staff) -> None:
    """404 outside the region, 403 without the right, the log-in for strangers."""
    kept = attach(proposal, at)
    for role, region, status in (
        ("clerk", GUIGANG, 200),
        ("auditor", "110000", 200),
        ("clerk", "110000", 404),
        ("tax_officer", GUIGANG, 403),
        ("sysadmin", GUIGANG, 403),
    ):
        assert (role, region, get(staff(role, region), kept).status_code) == (role, region, status)
    assert get(None, kept).status_code == 302


def test_nobody_sees_what_belongs_to_an_unregistered_kind(
    proposal: Proposal, at: datetime, staff: Staff
) -> None:
    region = Region.objects.get(pk=GUIGANG)
    kept = attachments.store(file=picture(), subject=region, region_id=GUIGANG, by=proposal.made_by, at=at)
    assert get(staff("supervisor"), kept).status_code == 403


def test_how_it_is_handed_out(proposal: Proposal, at: datetime) -> None:
    """For download, not to be guessed at, not cached, without the right to run anything."""
    response = get(proposal.made_by, attach(proposal, at, name='身份"证\r\n.jpg'))
    assert response.headers["Content-Type"] == "image/jpeg"
    assert (
        response.headers["Content-Disposition"]
        == "attachment; filename*=utf-8''%E8%BA%AB%E4%BB%BD%E8%AF%81.jpg"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("address", ["0", "9" * 19, "9" * 400, "x", "-1", "%00"])
def test_odd_numbers_find_nothing(proposal: Proposal, address: str) -> None:
    client = Client()
    client.force_login(proposal.made_by)
    assert client.get(f"/desk/attachment/{address}/").status_code in (400, 404)


def test_a_missing_or_altered_file_is_told(proposal: Proposal, at: datetime) -> None:
    """Never a broken page, never other bytes than those that were uploaded."""
    kept = attach(proposal, at)
    path = attachments.path_of(kept.stored_as)
    path.write_bytes(picture(colour=(0, 0, 0)))
    with pytest.raises(attachments.AttachmentAltered):
        attachments.read(kept)
    response = get(proposal.made_by, kept)
    assert response.status_code == 410
    assert "被改动" in response.content.decode()
    path.unlink()
    with pytest.raises(attachments.AttachmentMissing):
        attachments.read(kept)
    assert "缺失" in get(proposal.made_by, kept).content.decode()


def test_a_failed_write_leaves_nothing(
    proposal: Proposal, at: datetime, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X22: no row, no half file."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        attach(proposal, at)
    assert [path for path in var.rglob("*") if path.is_file()] == []
    assert not Attachment.objects.exists()


def test_orphans_are_removed_after_a_day(proposal: Proposal, at: datetime) -> None:
    kept = attach(proposal, at)
    shelf = attachments.path_of(kept.stored_as).parent
    lost, fresh = shelf / f"{'0' * 32}.jpg", shelf / f"{'1' * 32}.part"
    for path, days in ((lost, 2), (fresh, 0), (attachments.path_of(kept.stored_as), 9)):
        path.touch()
        moment = (at - timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    assert attachments.sweep(at=at) == 1
    assert sorted(path.name for path in shelf.iterdir()) == sorted([fresh.name, kept.stored_as])
    tasks.sweep_attachments()
    assert [path.name for path in shelf.iterdir()] == [kept.stored_as]


def test_no_folder_is_no_failure(at: datetime) -> None:
    assert attachments.sweep(at=at) == 0


def test_the_proposal_shows_them(proposal: Proposal, at: datetime, staff: Staff) -> None:
    """A picture to enlarge, a document to fetch."""
    card = attach(proposal, at, name="card.png", content=picture("PNG"))
    paper = attach(proposal, at, name="letter.pdf", content=DOCUMENT)
    client = Client()
    client.force_login(staff("supervisor"))
    html = client.get(reverse("admin:bureau_proposal_change", args=[proposal.pk])).content.decode()
    assert f'data-picture="{reverse("desk:attachment", args=[card.pk])}"' in html
    assert f'href="{reverse("desk:attachment", args=[paper.pk])}"' in html


def test_a_row_is_for_ever(proposal: Proposal, at: datetime) -> None:
    kept = attach(proposal, at)
    for statement in (
        "UPDATE bureau_attachment SET name = 'x' WHERE id = %s",
        "DELETE FROM bureau_attachment WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [kept.pk])
