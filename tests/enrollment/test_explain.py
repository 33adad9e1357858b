"""The sentences word for word, where a clerk would read them out."""

from typing import Any

import pytest

from tests.enrollment.values import decided, make_terms, terms_of_year

WINDOW = "2025年度集中缴费期（2024-09-01至2025-02-28）"


@pytest.mark.parametrize(
    ("changes", "paid", "facts", "sentence"),
    [
        ({}, "2024-08-31", {}, f"2024-08-31不能缴费，{WINDOW}尚未开始，请自2024-09-01起缴费。"),
        (
            {"late_last_pay_day": "2025-09-30"},
            "2025-10-01",
            {},
            "2025-10-01不能缴费，2025年度最后缴费日为2025-09-30，本年度缴费已经截止。",
        ),
        (
            {},
            "2024-12-01",
            {},
            f"2024-12-01缴费，在{WINDOW}内，不设等待期，自1月1日起享受待遇，待遇期为2025-01-01至2025-12-31。",
        ),
        (
            {},
            "2025-03-01",
            {},
            f"2025-03-01缴费，已过{WINDOW}，等待期3个月（固定3个月），自缴费之日起满3个月的次日享受待遇，"
            "待遇期为2025-06-02至2025-12-31。",
        ),
        (
            {},
            "2025-10-01",
            {},
            f"2025-10-01缴费，已过{WINDOW}，等待期3个月（固定3个月），自缴费之日起满3个月的次日享受待遇，"
            "但起始日2026-01-02已在2025-12-31之后，2025年度内没有待遇，须先告知本人并征得同意后方可缴费。",
        ),
        (
            {},
            "2025-06-08",
            {"newborn": True, "birth_date": "2025-03-10"},
            "新生儿2025-03-10出生，2025-06-08缴纳2025年度费用，未超过出生后90天（截至2025-06-08），"
            "自出生之日起享受待遇，待遇期为2025-03-10至2025-12-31。",
        ),
        (
            {"newborn_late": "GENERAL"},
            "2025-06-09",
            {"newborn": True, "birth_date": "2025-03-10"},
            "新生儿2025-03-10出生，2025-06-09缴纳2025年度费用，已超过出生后90天（截至2025-06-08），"
            "按一般规定等待期3个月（固定3个月），自缴费之日起满3个月的次日享受待遇，待遇期为2025-09-10至2025-12-31。",
        ),
        (
            {},
            "2025-07-31",
            {"employee_stop_date": "2025-04-30"},
            "职工医保2025-04-30停保，2025-07-31缴纳居民医保费，未超过停保后3个月（截至2025-07-31），"
            "不设等待期，自缴费当日起享受待遇，待遇期为2025-07-31至2025-12-31。",
        ),
        (
            {},
            "2025-06-30",
            {"special_group": "RELEASED", "special_event_date": "2025-04-01"},
            f"2025-06-30缴费，已过{WINDOW}，属于特殊人群（刑满释放人员，2025-04-01起90天内（截至2025-06-30）），"
            "不设等待期，自缴费次日起享受待遇，待遇期为2025-07-01至2025-12-31。",
        ),
        (
            {"wait_rule": "LEGACY"},
            "2025-03-05",
            {"missed_years": (2023, 2024)},
            f"2025-03-05缴费，已过{WINDOW}，2023、2024年断缴，自缴费后第3个月1日起享受待遇，"
            "待遇期为2025-06-01至2025-12-31。",
        ),
    ],
)
def test_chinese(changes: dict[str, Any], paid: str, facts: dict[str, Any], sentence: str) -> None:
    assert decided(make_terms(**changes), paid, **facts).explain_zh == sentence


def test_a_long_break_tells_its_arithmetic() -> None:
    years = (2025, 2026, 2027, 2028, 2029)
    decision = decided(terms_of_year(2030), "2029-12-01", missed_years=years, repair_years=4)
    assert decision.explain_zh == (
        "2029-12-01缴费，在2030年度集中缴费期（2029-09-01至2030-02-28）内，但有断缴，自1月1日起计等待期6个月"
        "（固定3个月，2025、2026、2027、2028、2029年断缴5年加变动4个月，修复后减1个月，断缴满4年修复后不少于6个月），"
        "待遇期为2030-07-01至2030-12-31。"
    )
    assert decision.explain_en == (
        "Paid on 2029-12-01, inside the central payment window for 2030 (2029-09-01 to 2030-02-28), but"
        " after a break: a wait of 6 months (3 fixed, the break of 5 years (2025, 2026, 2027, 2028, "
        "2029) adds 4, repair takes away 1, after 4 missed years repair leaves at least 6) from 1 "
        "January on, so the cover runs from 2030-07-01 to 2030-12-31."
    )


@pytest.mark.parametrize(
    ("changes", "paid", "facts", "sentence"),
    [
        (
            {},
            "2024-08-31",
            {},
            "Payment is not possible on 2024-08-31: the central payment window for 2025 (2024-09-01 to "
            "2025-02-28) has not opened yet, please pay from 2024-09-01 on.",
        ),
        (
            {"late_last_pay_day": "2025-09-30"},
            "2025-10-01",
            {},
            "Payment is not possible on 2025-10-01: the last day to pay for 2025 was 2025-09-30.",
        ),
        (
            {"wait_rule": "DAY90", "break_from": 2024, "break_count_mode": "EACH"},
            "2025-03-01",
            {"missed_years": (2024,)},
            "Paid on 2025-03-01, after the central payment window for 2025 (2024-09-01 to 2025-02-28): "
            "a wait of 4 months (3 fixed, the break of 1 year (2024) adds 1), cover starts after 90 "
            "days from payment and 1 month more, the 90th day not covered, so the cover runs from "
            "2025-06-30 to 2025-12-31.",
        ),
        (
            {"window_close": "2024-12-20", "special_start": "PAY_DATE"},
            "2024-12-25",
            {"special_group": "VILLAGE_DOCTOR"},
            "Paid on 2024-12-25, after the central payment window for 2025 (2024-09-01 to 2024-12-20), "
            "as a special group (VILLAGE_DOCTOR): no wait, cover starts on the day of payment, for 2025"
            " not before 1 January, so the cover runs from 2025-01-01 to 2025-12-31.",
        ),
    ],
)
def test_english(changes: dict[str, Any], paid: str, facts: dict[str, Any], sentence: str) -> None:
    assert decided(make_terms(**changes), paid, **facts).explain_en == sentence
