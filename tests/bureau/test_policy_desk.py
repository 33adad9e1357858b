"""The policy desk through its pages: draft, compare, try, propose, the picture, the lists."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bureau import proposals
from bureau.models import User
from enrollment.models import Coverage, Policy, PolicyMove, PolicyRun
from enrollment.services import policies, policydrafts
from payments.services import pricedifferences
from tests.builders import GUIGANG, make_staff
from tests.enrollment.test_inheritance import NOW, PROVINCE, publish_above
from tests.enrollment.test_inheritance import YEAR as INHERITED
from tests.enrollment.test_recompute import (
    PUBLISHED,
    closed_early,
    extended,
    late_payers,
    publish,
    recomputed,
    start,
)

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
DRAFT = "admin:enrollment_policy_draft"


def client(role: str = "supervisor", region: str = GUIGANG, user: User | None = None) -> Client:
    """Somebody of the role, logged in."""
    made = Client()
    made.force_login(user or make_staff(role, region))
    return made


def address(region: str = GUIGANG, year: int = 2026) -> str:
    return f"{reverse(DRAFT)}?region={region}&year={year}"


def filled(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send for the form of a page, with changes."""
    form = page.context["form"]
    sent: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if value is None or value is False:
            continue
        sent[name] = "on" if value is True else value.isoformat() if isinstance(value, date) else value
    return sent | changes


def test_next_year_starts_from_this_one_carried_forward() -> None:
    page = client().get(address())
    form = page.context["form"]
    assert form["t-window_open"].value() == "2025-09-01"
    assert form["t-window_close"].value() == "2026-02-28"
    assert form["t-personal_standard-ALL"].value() == "400.00"


def test_a_draft_is_written_compared_and_proposed() -> None:
    maker = make_staff("supervisor")
    browser = client(user=maker)
    sent = filled(browser.get(address()), **{"t-window_close": "2026-03-31", "note": "桂医保发"})
    answer = browser.post(address(), sent)
    made = Policy.objects.get(region_id=GUIGANG, benefit_year=2026)
    assert answer.headers["Location"] == reverse("admin:enrollment_policy_change", args=[made.pk])
    assert (made.state, made.values.window_close, made.note) == ("DRAFT", date(2026, 3, 31), "桂医保发")
    assert "与450800 2025年度版本1比较" in browser.get(answer.headers["Location"]).content.decode()
    acted = reverse("admin:enrollment_policy_act", args=[made.pk])
    browser.post(acted, {"action": "propose", "reason": "桂医保发〔2025〕1号"})
    waiting = policydrafts.waiting(made)
    assert waiting is not None
    assert waiting.difference["terms"] == {"window_close": ["2026-02-28", "2026-03-31"]}
    decide = reverse("admin:bureau_proposal_decide", args=[waiting.pk])
    client().post(decide, {"decision": "approve"})
    made.refresh_from_db()
    assert made.state == "PUBLISHED"


def test_errors_stand_at_their_terms_in_chinese() -> None:
    browser = client()
    sent = filled(
        browser.get(address()),
        **{"t-wait_fixed": "99", "t-personal_standard-ALL": "-1", "t-pay_day_from": "5"},
    )
    page = browser.post(address(), sent)
    errors = page.context["form"].errors
    assert set(errors) == {"t-wait_fixed", "t-personal_standard-ALL"}
    assert all("\u4e00" <= word[0] <= "\u9fff" for words in errors.values() for word in words)
    sent |= {"t-wait_fixed": "3", "t-personal_standard-ALL": "400"}
    errors = browser.post(address(), sent).context["form"].errors
    assert set(errors) == {"t-pay_day_to"}
    assert "缴费日需要首日和末日" in str(errors)
    sent |= {"t-pay_day_to": "20", "t-window_close": ""}
    assert set(browser.post(address(), sent).context["form"].errors) == {"t-window_close"}
    assert not Policy.objects.filter(region_id=GUIGANG, benefit_year=2026).exists()


def test_what_is_inherited_is_shown_and_only_what_is_own_is_stored() -> None:
    base = publish_above(wait_fixed=2)
    browser = client()
    page = browser.get(address(year=INHERITED))
    assert "上级：" in page.content.decode()
    browser.post(address(year=INHERITED), filled(page, **{"t-special_days": "30", "own-wait_fixed": "on"}))
    made = Policy.objects.get(region_id=GUIGANG, benefit_year=INHERITED)
    assert (made.base, made.overrides) == (base, {"special_days": 30, "wait_fixed": 2})


def test_a_stale_form_is_refused() -> None:
    browser = client()
    page = browser.get(address(year=2025))
    publish(extended(wait_fixed=2))
    sent = filled(page, **{"t-wait_fixed": "4"})
    answer = browser.post(address(year=2025), sent)
    assert answer.status_code == 200
    assert "请重新" in answer.content.decode()
    assert not Policy.objects.filter(region_id=GUIGANG, benefit_year=2025, state="DRAFT").exists()


def test_all_kinds_of_terms_come_back_as_they_are() -> None:
    for key in ("BJ25", "GZ25b", "JX25b", "GG18", "NM25"):
        policy = Policy.objects.get(key=key)
        browser = client(region=policy.region_id)
        where = address(policy.region_id, policy.benefit_year)
        answer = browser.post(where, filled(browser.get(where), **{"t-lock_minutes": "77"}))
        assert answer.status_code == 302, (key, answer.context and answer.context["form"].errors)
        made = Policy.objects.get(region_id=policy.region_id, benefit_year=policy.benefit_year, state="DRAFT")
        in_force = policies.in_force(policy.region_id, policy.benefit_year).values
        assert made.values == replace(in_force, lock_minutes=77)


def test_a_clerk_does_not_draft_and_nobody_drafts_elsewhere() -> None:
    assert client("clerk").get(address()).status_code == 403
    assert client().get(address("510000")).status_code == 404


CASES = """case_id,policy,pay_date,missed_years
A,SC25,2025-03-10,
B,SC25,2024-10-01,
C,SC25,soon,
"""


def drafted(terms: Any) -> Policy:
    return policydrafts.draft(
        region_id=GUIGANG, benefit_year=2025, terms=terms, by=make_staff("supervisor"), at=PUBLISHED
    )


def test_cases_are_tried_by_both_versions() -> None:
    made = drafted(replace(policies.in_force(GUIGANG, 2025).values, window_close=date(2025, 3, 31)))
    where = reverse("admin:enrollment_policy_try", args=[made.pk])
    sent = {"what": "cases", "cases": SimpleUploadedFile("c.csv", CASES.encode("gb18030"))}
    page = client().post(where, sent)
    changed, wrong = page.context["tables"]
    assert [row[0] for row in changed.rows] == ["A"]
    assert "2025-06-11" in changed.rows[0][2]
    assert "2025-01-01" in changed.rows[0][3]
    assert [row[:2] for row in wrong.rows] == [[4, "pay_date"]]
    assert client().post(where, {"what": "cases"}).context["form"].errors.keys() == {"cases"}
    nonsense = SimpleUploadedFile("c.csv", b"\xff\xfe\x00")
    assert client().post(where, {"what": "cases", "cases": nonsense}).status_code == 200


def test_the_template_of_cases_names_the_columns() -> None:
    made = drafted(replace(policies.in_force(GUIGANG, 2025).values, wait_fixed=2))
    answer = client().get(reverse("admin:enrollment_policy_try", args=[made.pk]) + "?template=1")
    assert answer.content.decode("utf-8-sig").startswith("case_id,policy,pay_date,birth_date")


def test_the_regions_cover_is_tried() -> None:
    start(late_payers(3), closed_early())
    made = drafted(extended())
    page = client().post(reverse("admin:enrollment_policy_try", args=[made.pk]), {"what": "region"})
    turns, samples = page.context["tables"]
    assert [row[-1] for row in turns.rows] == ["3"]
    assert len(samples.rows) == 3
    assert Coverage.objects.count() == 3


def test_the_picture_shows_the_windows_of_a_year() -> None:
    page = client(region="110000").get(reverse("admin:enrollment_policy_calendar") + "?year=2025")
    (lane,) = page.context["picture"].lanes
    assert "2024-12-30" in lane.says
    assert "5" in lane.says
    assert [strip.tone for strip in lane.strips][:2] == ["primary", "warning"]
    assert {strip.tone for strip in lane.strips[2:]} == {"days"}


def test_who_depends_is_drafted_again_with_one_click() -> None:
    publish_above()
    supervisor, second = make_staff("supervisor"), make_staff("supervisor")
    made = policydrafts.draft_below(
        region_id=GUIGANG, benefit_year=INHERITED, overrides={"wait_fixed": 5}, by=supervisor, at=NOW
    )
    asked = policydrafts.propose(policy_id=made.pk, reason="", by=supervisor, at=NOW)
    proposals.review(proposal_id=asked.pk, approve=True, reason="", by=second, at=NOW)
    newer = publish_above(2, NOW + timedelta(days=1), special_days=60)
    browser = client(region=PROVINCE)
    assert (
        "沿用旧版本"
        in browser.get(reverse("admin:enrollment_policy_change", args=[newer.pk])).content.decode()
    )
    browser.post(reverse("admin:enrollment_policy_act", args=[newer.pk]), {"action": "redraft"})
    again = Policy.objects.get(region_id=GUIGANG, benefit_year=INHERITED, state="DRAFT")
    assert (again.base, again.values.special_days, again.values.wait_fixed) == (newer, 60, 5)


def test_moved_cover_is_listed_with_its_sentence_and_taken_along() -> None:
    rows = late_payers(3)
    start(rows, closed_early())
    run = recomputed(publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    auditor = client("auditor")
    detail = auditor.get(reverse("admin:enrollment_policyrun_change", args=[run.pk])).content.decode()
    assert f"?run={run.pk}" in detail
    listed = auditor.get(f"{reverse('admin:enrollment_policymove_changelist')}?run={run.pk}").content.decode()
    assert listed.count("政策调整后重新认定") == 3
    one = PolicyMove.objects.order_by("pk")[0]
    shown = auditor.get(reverse("admin:enrollment_policymove_change", args=[one.pk])).content.decode()
    assert "原说明" in shown
    where = f"{reverse('admin:enrollment_policymove_export')}?run={run.pk}"
    answer: Any = auditor.post(where, {"purpose": "退费"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = text.splitlines()
    assert len(lines) == 4
    assert "2025-01-10" in lines[3]
    assert "2025-01-01" in lines[3]
    assert "政策调整后" in lines[3]


def test_a_parked_run_goes_on() -> None:
    start(late_payers(1), closed_early())
    run = PolicyRun.objects.get(policy=publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    PolicyRun.objects.filter(pk=run.pk).update(state="PARKED", attempts=3, error="x")
    browser = client()
    where = reverse("admin:enrollment_policyrun_again", args=[run.pk])
    assert (
        "处理情况"
        in browser.get(reverse("admin:enrollment_policyrun_change", args=[run.pk])).content.decode()
    )
    browser.post(where, {"reason": "ok"})
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("QUEUED", 0)
    assert client("clerk").post(where).status_code == 403


def test_price_differences_are_listed_and_taken_along() -> None:
    assert pricedifferences.waiting() == []
    auditor = client("auditor")
    page = auditor.get(reverse("admin:payments_pricedifference_changelist"))
    assert "没有人多缴" in page.content.decode()
    answer: Any = auditor.post(reverse("admin:payments_pricedifference_export"), {"purpose": ""})
    assert io.BytesIO(b"".join(answer.streaming_content)).readline().startswith("\ufeff重新认定".encode())
