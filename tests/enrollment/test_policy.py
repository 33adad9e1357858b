"""Strict terms, their canonical form, and the prices that follow from them."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from enrollment import policy
from enrollment.policy import (
    Aid,
    BenefitRatios,
    LatePriceExempt,
    PolicyError,
    PriceClass,
    RefundReason,
    Terms,
    best_aid,
    is_pay_day,
    late_price,
    person_class,
    personal_price,
    price_class,
    price_on,
    terms_difference,
)
from enrollment.policyfile import (
    DESCRIPTION,
    PolicyFileError,
    PolicyRow,
    PolicyRowError,
    parse_policies,
    read_policies,
)
from tests.enrollment.values import BASE, SHIPPED, day, make_terms, public_policies

BEIJING = {
    "personal_standard": {"CHILD": "405.00", "ADULT": "750.00", "ELDER": "430.00"},
    "fiscal_standard": {"CHILD": "1725.00", "ADULT": "2335.00", "ELDER": "4350.00"},
}


def without(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a policy file without what it says about itself."""
    return {k: v for k, v in row.items() if k not in DESCRIPTION}


class TestReading:
    def test_silent_terms_take_the_defaults_of_the_domain(self) -> None:
        terms = Terms.from_dict({k: v for k, v in BASE.items() if k != "fiscal_standard"})
        assert terms.fiscal_standard is None
        assert (terms.in_window_after_jan1, terms.wait_rule, terms.break_count_mode) == (
            "RETRO_JAN1",
            "CIVIL",
            "EXTRA",
        )
        assert (terms.wait_fixed, terms.break_from, terms.long_break, terms.long_floor) == (3, 2025, 4, 6)
        assert terms.variable_wait is True
        assert (terms.newborn_limit, terms.newborn_unit, terms.newborn_late) == (90, "DAY", "NEXT_MONTH")
        assert terms.newborn_count_birth_day is False
        assert (terms.special_groups, terms.special_days, terms.special_start) == ((), 90, "NEXT_DAY")
        assert (terms.switch_months, terms.switch_start) == (3, "PAY_DATE")
        assert (terms.late_price_rule, terms.late_price_start) == ("SAME", date(2025, 3, 1))
        assert terms.last_pay_day == date(2025, 12, 31)
        assert (terms.max_persons_per_account, terms.lock_minutes, terms.voucher_delay_hours) == (5, 30, 2)
        assert (terms.refund_cutoff, terms.aid_applies, terms.correction_mode) == (
            "PERSON_START",
            "THIS_YEAR",
            "FULL",
        )
        assert (terms.refund_days, terms.refund_hard_limit, terms.claims_block) == (20, 30, True)
        assert set(terms.after_start_reasons) == {
            RefundReason.DUP_PAY,
            RefundReason.AID_DIFF,
            RefundReason.BANK_ERROR,
            RefundReason.CLERK_ERROR,
            RefundReason.LATE_MISTAKE,
            RefundReason.NOT_ELIGIBLE_WHEN_PAID,
        }
        assert (terms.incentive_step, terms.incentive_cap) == (Decimal("1000.00"), Decimal("20.00"))
        assert terms.benefit_ratios == BenefitRatios(Decimal(85), Decimal(75), Decimal(65), Decimal(50))
        assert terms.hotlines == ("12345", "12366", "12393", "12333")

    @pytest.mark.parametrize("row", public_policies(), ids=lambda row: row["key"])
    def test_every_public_policy_reads_and_returns(self, row: dict[str, Any]) -> None:
        terms = Terms.from_dict(without(row), benefit_year=row["benefit_year"])
        written = terms.to_dict()
        assert list(written) == sorted(written)
        assert Terms.from_dict(json.loads(json.dumps(written))) == terms
        for key, value in without(row).items():
            assert written[key] == (sorted(value) if isinstance(value, list) else value)

    def test_the_year_beside_the_terms(self) -> None:
        data = {k: v for k, v in BASE.items() if k != "benefit_year"}
        assert Terms.from_dict(data, benefit_year=2025) == make_terms()
        assert Terms.from_dict(BASE, benefit_year=2025) == make_terms()
        with pytest.raises(policy.YearConflict) as error:
            Terms.from_dict(BASE, benefit_year=2026)
        assert error.value.params["key"] == "benefit_year"

    @pytest.mark.parametrize(
        ("changes", "error", "key"),
        [
            ({"wait_month": 3}, policy.UnknownTerm, "wait_month"),
            ({"wait_fixed": "3"}, policy.TermType, "wait_fixed"),
            ({"wait_fixed": 3.0}, policy.TermType, "wait_fixed"),
            ({"wait_fixed": True}, policy.TermType, "wait_fixed"),
            ({"wait_fixed": None}, policy.TermType, "wait_fixed"),
            ({"wait_fixed": -1}, policy.TermRange, "wait_fixed"),
            ({"variable_wait": 1}, policy.TermType, "variable_wait"),
            ({"wait_rule": "civil"}, policy.TermChoice, "wait_rule"),
            ({"wait_rule": 3}, policy.TermType, "wait_rule"),
            ({"special_start": "RETRO_AFTER_STOP"}, policy.TermChoice, "special_start"),
            ({"window_open": "2024-9-1"}, policy.TermType, "window_open"),
            ({"window_open": "2024-02-30"}, policy.TermType, "window_open"),
            ({"window_open": 20240901}, policy.TermType, "window_open"),
            ({"window_close": "2024-08-31"}, policy.WindowBackwards, "window_close"),
            ({"window_open": "2023-12-31"}, policy.WindowOutsideYear, "window_open"),
            ({"window_close": "2026-01-01"}, policy.WindowOutsideYear, "window_close"),
            ({"late_last_pay_day": "2025-02-27"}, policy.TermConflict, "late_last_pay_day"),
            ({"late_last_pay_day": "2026-01-01"}, policy.TermConflict, "late_last_pay_day"),
            ({"late_price_from": "2025-02-28"}, policy.TermConflict, "late_price_from"),
            (
                {"late_price_rule": "FULL_COST", "fiscal_standard": None},
                policy.TermConflict,
                "fiscal_standard",
            ),
            ({"pay_day_from": 5}, policy.TermConflict, "pay_day_to"),
            ({"pay_day_to": 5}, policy.TermConflict, "pay_day_from"),
            ({"pay_day_from": 6, "pay_day_to": 5}, policy.TermConflict, "pay_day_to"),
            ({"pay_day_from": 0, "pay_day_to": 5}, policy.TermRange, "pay_day_from"),
            ({"debit_day": 29}, policy.TermRange, "debit_day"),
            ({"refund_hard_limit": 19}, policy.TermConflict, "refund_hard_limit"),
            ({"personal_standard": {"ALL": "0.00"}}, policy.TermAmount, "personal_standard.ALL"),
            ({"personal_standard": {"ALL": "-1.00"}}, policy.TermAmount, "personal_standard.ALL"),
            ({"personal_standard": {"ALL": "400.005"}}, policy.TermAmount, "personal_standard.ALL"),
            ({"personal_standard": {"ALL": "４００"}}, policy.TermAmount, "personal_standard.ALL"),
            ({"personal_standard": {"ALL": 400.0}}, policy.TermType, "personal_standard.ALL"),
            ({"personal_standard": "400.00"}, policy.TermType, "personal_standard"),
            ({"personal_standard": {}}, policy.PriceClasses, "personal_standard"),
            (
                {"personal_standard": {"ALL": "1.00", "CHILD": "1.00"}},
                policy.PriceClasses,
                "personal_standard",
            ),
            (
                {"personal_standard": {"CHILD": "1.00", "ADULT": "1.00"}},
                policy.PriceClasses,
                "personal_standard",
            ),
            ({"personal_standard": {"BABY": "1.00"}}, policy.UnknownTerm, "personal_standard.BABY"),
            ({"incentive_step": "0"}, policy.TermAmount, "incentive_step"),
            ({"incentive_cap": "100.01"}, policy.TermRange, "incentive_cap"),
            ({"benefit_ratios": {"LEVEL_4": "1"}}, policy.UnknownTerm, "benefit_ratios.LEVEL_4"),
            ({"online_disabled": "450881"}, policy.TermType, "online_disabled"),
            ({"online_disabled": ["45088"]}, policy.TermText, "online_disabled"),
            ({"online_disabled": ["450881", "450881"]}, policy.TermRepeated, "online_disabled"),
            ({"hotlines": ["call us"]}, policy.TermText, "hotlines"),
            ({"student_year_start": "02-29"}, policy.TermType, "student_year_start"),
            ({"after_start_reasons": ["WISH"]}, policy.TermChoice, "after_start_reasons"),
            ({"special_groups": ["low income"]}, policy.TermText, "special_groups"),
            ({"special_groups": [{"kind": "EVENT"}]}, policy.MissingTerm, "special_groups.group"),
            ({"special_groups": ["TEKUN", "TEKUN"]}, policy.TermRepeated, "special_groups"),
            ({"subsidy_rules": [{"category": "DIBAO"}]}, policy.MissingTerm, "subsidy_rules.kind"),
            (
                {"subsidy_rules": [{"category": "DIBAO", "kind": "FULL", "value": "1"}]},
                policy.SubsidyValue,
                "subsidy_rules",
            ),
            (
                {"subsidy_rules": [{"category": "DIBAO", "kind": "FIXED"}]},
                policy.SubsidyValue,
                "subsidy_rules",
            ),
            (
                {"subsidy_rules": [{"category": "DIBAO", "kind": "FIXED", "value": "1", "pays": "1"}]},
                policy.SubsidyValue,
                "subsidy_rules",
            ),
            (
                {"subsidy_rules": [{"category": "DIBAO", "kind": "PERCENT", "value": "101"}]},
                policy.SubsidyValue,
                "subsidy_rules",
            ),
            (
                {
                    "subsidy_rules": [
                        {"category": "DIBAO", "kind": "FULL"},
                        {"category": "DIBAO", "kind": "FULL"},
                    ]
                },
                policy.TermRepeated,
                "subsidy_rules",
            ),
        ],
    )
    def test_a_wrong_term_is_named(self, changes: dict[str, Any], error: type[PolicyError], key: str) -> None:
        with pytest.raises(error) as raised:
            make_terms(**changes)
        assert raised.value.params["key"] == key
        assert key in str(raised.value)

    @pytest.mark.parametrize("key", ["benefit_year", "window_open", "window_close", "personal_standard"])
    def test_what_has_no_default_must_be_there(self, key: str) -> None:
        with pytest.raises(policy.MissingTerm) as raised:
            Terms.from_dict({k: v for k, v in BASE.items() if k != key})
        assert raised.value.params["key"] == key

    def test_the_widest_and_the_narrowest_window(self) -> None:
        one_day = make_terms(window_open="2025-12-31", window_close="2025-12-31")
        assert one_day.in_window(date(2025, 12, 31))
        assert not one_day.in_window(date(2025, 12, 30))
        assert make_terms(window_open="2024-01-01", window_close="2025-12-31").in_window(date(2024, 1, 1))
        assert make_terms(pay_day_from=31, pay_day_to=31, refund_days=30).pay_day_to == 31
        assert make_terms(late_price_from="2025-03-01").late_price_start == date(2025, 3, 1)

    def test_terms_are_an_object(self) -> None:
        with pytest.raises(policy.PolicyNotAnObject):
            Terms.from_dict([])  # type: ignore[arg-type]


class TestCanonicalForm:
    def test_the_order_of_a_set_makes_no_difference(self) -> None:
        one = make_terms(online_disabled=["450881", "450804"], special_groups=["TEKUN", "CLERGY"])
        other = make_terms(online_disabled=["450804", "450881"], special_groups=["CLERGY", "TEKUN"])
        assert one == other
        assert hash(one) == hash(other)
        assert one.to_dict() == other.to_dict()

    def test_the_way_an_amount_is_written_makes_no_difference(self) -> None:
        one, other = (make_terms(personal_standard={"ALL": amount}) for amount in ("400", "400.00"))
        assert one == other
        assert one.to_dict()["personal_standard"] == {"ALL": "400.00"}

    def test_difference(self) -> None:
        old = make_terms()
        new = make_terms(
            window_close="2025-03-31", personal_standard={"ALL": "410"}, late_last_pay_day="2025-09-30"
        )
        assert terms_difference(old, new) == [
            ("late_last_pay_day", None, "2025-09-30"),
            ("personal_standard", {"ALL": "400.00"}, {"ALL": "410.00"}),
            ("window_close", "2025-02-28", "2025-03-31"),
        ]
        assert terms_difference(old, make_terms()) == []


class TestPrices:
    @pytest.mark.parametrize(
        ("psn_type", "born", "expected"),
        [
            ("1401", "2025-05-01", PriceClass.CHILD),
            ("1404", "2000-01-01", PriceClass.CHILD),
            ("1460", None, PriceClass.CHILD),
            ("1501", "1950-01-01", PriceClass.ADULT),
            ("1601", None, PriceClass.ELDER),
            ("1701", "2007-01-02", PriceClass.CHILD),
            ("1701", "2007-01-01", PriceClass.ADULT),
            ("1701", "1965-01-02", PriceClass.ADULT),
            ("1701", "1965-01-01", PriceClass.ELDER),
            ("1701", "2025-06-01", PriceClass.CHILD),
        ],
    )
    def test_class_by_type_and_age_on_1_january(
        self, psn_type: str, born: str | None, expected: PriceClass
    ) -> None:
        birth_date = day(born) if born else None
        assert person_class(2025, psn_type, birth_date) == expected
        assert price_class(make_terms(**BEIJING), psn_type, birth_date) == expected
        assert price_class(make_terms(), psn_type, birth_date) == PriceClass.ALL

    @pytest.mark.parametrize(
        ("psn_type", "born"), [("1701", None), ("1101", "1990-01-01"), ("14", None), ("１４０１", None)]
    )
    def test_unknown_class(self, psn_type: str, born: str | None) -> None:
        with pytest.raises(policy.PersonClassUnknown):
            personal_price(make_terms(**BEIJING), psn_type, day(born) if born else None)
        assert personal_price(make_terms(), psn_type, None) == Decimal("400.00")

    def test_personal_and_late_price(self) -> None:
        beijing = make_terms(**BEIJING, late_price_rule="FULL_COST")
        assert personal_price(beijing, "1501", None) == Decimal("750.00")
        assert late_price(beijing, "1501", None) == Decimal("3085.00")
        assert late_price(beijing, "1403", None) == Decimal("2130.00")
        assert late_price(make_terms(), "1501", None) == Decimal("400.00")
        assert late_price(make_terms(late_price_rule="FULL_COST"), "1501", None) == Decimal("1070.00")

    def test_price_on_a_day(self) -> None:
        terms = make_terms(late_price_rule="FULL_COST")
        personal, full = Decimal("400.00"), Decimal("1070.00")
        assert price_on(terms, "1501", None, date(2025, 2, 28)) == personal
        assert price_on(terms, "1501", None, date(2025, 3, 1)) == full
        assert price_on(terms, "1401", None, date(2025, 3, 1), {LatePriceExempt.NEWBORN}) == personal
        assert price_on(terms, "1501", None, date(2025, 3, 1), {LatePriceExempt.SWITCHER}) == personal
        july = make_terms(
            late_price_rule="FULL_COST", late_price_from="2025-07-01", late_price_exempt=["NEWBORN"]
        )
        assert price_on(july, "1501", None, date(2025, 6, 30)) == personal
        assert price_on(july, "1501", None, date(2025, 7, 1)) == full
        assert price_on(july, "1501", None, date(2025, 7, 1), {LatePriceExempt.SWITCHER}) == full

    def test_free_first_year(self) -> None:
        wuhan = make_terms(newborn_free_first_year=True, late_price_rule="FULL_COST")
        assert personal_price(wuhan, "1401", date(2025, 1, 1)) == Decimal("0.00")
        assert price_on(wuhan, "1401", date(2025, 1, 1), date(2025, 12, 1)) == Decimal("0.00")
        assert personal_price(wuhan, "1401", date(2024, 12, 31)) == Decimal("400.00")
        assert personal_price(wuhan, "1402", date(2025, 1, 1)) == Decimal("400.00")
        assert personal_price(make_terms(), "1401", date(2025, 1, 1)) == Decimal("400.00")

    def test_the_most_generous_status_counts(self) -> None:
        terms = make_terms(
            subsidy_rules=[
                {"category": "TEKUN", "kind": "FULL"},
                {"category": "DIBAO", "kind": "PERCENT", "value": "60"},
                {"category": "ZHONGCAN", "kind": "PERCENT", "value": "50"},
                {"category": "MONITORED", "kind": "FIXED", "value": "240.00"},
                {"category": "EX_POOR", "kind": "FIXED", "pays": "200.00"},
                {"category": "ORDINARY", "kind": "FIXED", "pays": "400.00"},
            ]
        )
        price = Decimal("400.00")
        assert best_aid(terms, [], price) == Aid("", Decimal("0.00"))
        assert best_aid(terms, ["NOBODY"], price) == ("", Decimal("0.00"))
        assert best_aid(terms, ["ZHONGCAN"], price) == ("ZHONGCAN", Decimal("200.00"))
        assert best_aid(terms, ["ZHONGCAN", "DIBAO"], price) == ("DIBAO", Decimal("240.00"))
        assert best_aid(terms, ["MONITORED", "DIBAO"], price) == ("DIBAO", Decimal("240.00"))
        assert best_aid(terms, ["EX_POOR"], price) == ("EX_POOR", Decimal("200.00"))
        assert best_aid(terms, ["ORDINARY"], price) == ("", Decimal("0.00"))
        assert best_aid(terms, ["DIBAO", "TEKUN"], price) == ("TEKUN", price)
        assert best_aid(terms, ["MONITORED"], Decimal("100.00")) == ("MONITORED", Decimal("100.00"))
        assert best_aid(terms, ["EX_POOR"], Decimal("100.00")) == ("", Decimal("0.00"))

    @pytest.mark.parametrize(
        ("price", "percent", "aid"),
        [
            ("400.01", "50", "200.01"),
            ("0.01", "50", "0.01"),
            ("0.01", "49.99", None),
            ("333.33", "33.33", "111.10"),
        ],
    )
    def test_percentages_round_half_up_to_the_fen(self, price: str, percent: str, aid: str | None) -> None:
        terms = make_terms(subsidy_rules=[{"category": "DIBAO", "kind": "PERCENT", "value": percent}])
        expected = ("DIBAO", Decimal(aid)) if aid else ("", Decimal("0.00"))
        assert best_aid(terms, ["DIBAO"], Decimal(price)) == expected

    def test_pay_days(self) -> None:
        beijing = make_terms(pay_day_from=5, pay_day_to=20)
        assert [is_pay_day(beijing, date(2025, 1, d)) for d in (4, 5, 20, 21)] == [False, True, True, False]
        assert is_pay_day(make_terms(), date(2025, 1, 31))


class TestPolicyFile:
    def test_the_shipped_policies(self) -> None:
        rows = {row.key: row for row in read_policies(SHIPPED.read_text("utf-8"))}
        for public in public_policies():
            shipped = rows[public["key"]]
            assert (shipped.region, shipped.benefit_year, shipped.version) == (
                public["region"],
                public["benefit_year"],
                public["version"],
            )
            assert shipped.terms == Terms.from_dict(without(public), benefit_year=public["benefit_year"])
        guigang = rows["GG25"]
        assert (guigang.region, guigang.benefit_year) == ("450800", 2025)
        assert {key for key, _, _ in terms_difference(rows["SC25"].terms, guigang.terms)} == {
            "subsidy_rules",
            "online_disabled",
        }
        assert guigang.terms.online_disabled == ("450804", "450821", "450881")
        assert all(row.mark for row in rows.values())

    def test_every_window_and_amount_of_the_domain_is_shipped(self) -> None:
        newest = {(r.region, r.benefit_year): r.terms for r in read_policies(SHIPPED.read_text("utf-8"))}
        windows = {
            ("110000", 2025): ("2024-12-30", "2025-03-31"),
            ("440000", 2025): ("2024-09-15", "2025-02-28"),
            ("520000", 2025): ("2024-09-23", "2025-02-28"),
            ("150000", 2025): ("2024-09-01", "2025-02-28"),
            ("420000", 2025): ("2024-09-01", "2025-02-28"),
            ("510000", 2025): ("2024-09-01", "2025-02-28"),
            ("510100", 2025): ("2024-09-18", "2025-02-28"),
            ("450800", 2018): ("2017-10-09", "2017-12-30"),
        }
        for place, window in windows.items():
            assert (newest[place].window_open, newest[place].window_close) == tuple(
                day(text) for text in window
            )
        assert personal_price(newest["450800", 2018], "1501", None) == Decimal("180.00")
        beijing = newest["110000", 2025]
        assert [personal_price(beijing, t, None) for t in ("1403", "1501", "1601")] == [405, 750, 430]
        for place in (place for place in windows if place[0] not in {"110000", "450800"}):
            assert late_price(newest[place], "1501", None) in {Decimal("400.00"), Decimal("1070.00")}

    @pytest.mark.parametrize(
        ("key", "category", "pays"),
        [
            ("HE25", "TEKUN", "0.00"),
            ("HE25", "DIBAO", "160.00"),
            ("HE25", "MONITORED", "160.00"),
            ("JX25b", "AGE70", "0.00"),
            ("JX25b", "DIBAO", "80.00"),
            ("GZ25b", "ORPHAN", "0.00"),
            ("GZ25b", "DIBAO", "200.00"),
            ("GD25b", "DIBAO", "0.00"),
            ("JM25", "DIBAO", "40.00"),
            ("JM25", "MONITORED", "200.00"),
            ("JM25", "EX_POOR", "400.00"),
            ("LF25", "DIBAO", "40.00"),
            ("LF25", "EX_POOR", "160.00"),
            ("WL25", "TEKUN", "0.00"),
            ("WL25", "MEDICAL_AID", "220.00"),
            ("GG25", "DIBAO", "160.00"),
            ("GG25", "ZHONGCAN", "200.00"),
        ],
    )
    def test_who_pays_what_where(self, key: str, category: str, pays: str) -> None:
        terms = {row.key: row.terms for row in read_policies(SHIPPED.read_text("utf-8"))}[key]
        price = personal_price(terms, "1501", None)
        assert price - best_aid(terms, [category], price).amount == Decimal(pays)

    def test_a_bad_row_does_not_hide_the_others(self) -> None:
        good = {"key": "A", "region": "510000", "version": 1, **BASE}
        bad = {**good, "key": "B", "version": 2, "wait_fixed": "3"}
        read = parse_policies(
            json.dumps({"policies": [good, bad, {**good, "key": "C"}, 7, {**good, "region": "51"}]})
        )
        assert isinstance(read[0], PolicyRow)
        assert (read[0].key, read[0].region, read[0].version, read[0].terms) == (
            "A",
            "510000",
            1,
            make_terms(),
        )
        errors = read[1:]
        assert all(isinstance(error, PolicyRowError) for error in errors)
        assert str(errors[0]) == "Policy B: wait_fixed must be a whole number."
        assert "twice" in str(errors[1])
        assert str(errors[2]).startswith("Policy no. 4:")
        assert str(errors[3]) == "Policy A: region must be a code of six digits"
        with pytest.raises(PolicyRowError):
            read_policies(json.dumps([good, bad]))

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("key", ""),
            ("key", "K" * 21),
            ("mark", 3),
            ("version", 0),
            ("version", "1"),
            ("benefit_year", "2025"),
            ("benefit_year", 1999),
        ],
    )
    def test_a_row_says_properly_what_it_is(self, key: str, value: object) -> None:
        row = {"key": "A", "region": "510000", **BASE, key: value}
        (error,) = parse_policies(json.dumps({"policies": [row]}))
        assert isinstance(error, PolicyRowError)
        assert key in str(error)

    @pytest.mark.parametrize(
        "text", ["", "{", "{}", '{"policies": 3}', '{"policies": [{"key": "A", "key": "B"}]}']
    )
    def test_not_a_policy_file(self, text: str) -> None:
        with pytest.raises(PolicyFileError):
            parse_policies(text)
