"""manage.py whatif: when is this person covered who pays on a day, and what does it cost."""

import argparse
import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

from bureau.errors import BureauError, render
from bureau.money import yuan
from enrollment.services import lookups, whatif
from enrollment.whatif import WhatIf, message, sentence, warning


class Command(BaseCommand):
    """Reads only; exit 2 where there is no answer (nobody with the number, no policy, too much repair)."""

    help = "Tell amount, first day of cover and waiting months for a payment on a day; changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--id-number", required=True, metavar="N")
        parser.add_argument("--year", required=True, type=int, metavar="Y", help="benefit year")
        parser.add_argument("--pay-date", required=True, type=_day, metavar="D", help="YYYY-MM-DD")
        parser.add_argument("--repair", type=int, default=0, metavar="K", help="missed years to repair")
        parser.add_argument("--region", metavar="R", help="the pooling region; else that of the enrolment")
        parser.add_argument("--json", action="store_true")

    @sensitive_variables("options")
    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; JSON, or sentences."""
        try:
            person = lookups.person_by_number(options["id_number"])
            asked = whatif.ask(
                person_id=person.pk,
                year=options["year"],
                pay_date=options["pay_date"],
                repair_years=options["repair"],
                region_id=options["region"],
            )
        except BureauError as error:
            raise CommandError(f"{error.code}: {render(error)}", returncode=2) from None
        answer = asked.answer
        if options["json"]:
            self.stdout.write(json.dumps(_report(asked), ensure_ascii=False))
            return
        self.stdout.write(message(answer, asked.person.name))
        self.stdout.write(sentence(answer))
        for one in answer.warnings:
            self.stdout.write(f"{one}: {warning(answer, one)}")
        for row in answer.repairs:
            self.stdout.write(f"{row.years}  {yuan(row.cost):>10}  {row.decision.start or '-'}")


def _report(asked: whatif.Asked) -> dict[str, Any]:
    answer, decision = asked.answer, asked.answer.decision
    return {
        "year": answer.terms.benefit_year,
        "region": asked.region.code,
        "policy": asked.policy.key,
        "pay_date": answer.pay_date.isoformat(),
        "window": {
            "open": answer.terms.window_open.isoformat(),
            "close": answer.terms.window_close.isoformat(),
            "last_pay_day": answer.terms.last_pay_day.isoformat(),
            "state": str(answer.window),
        },
        "pay_days": _pay_days(answer),
        "standard": yuan(answer.due.standard),
        "late_price": answer.due.is_late,
        "aid": yuan(answer.due.aid),
        "aid_category": answer.due.aid_category,
        "amount": yuan(answer.due.amount),
        "refused": decision.refused,
        "start": decision.start and decision.start.isoformat(),
        "end": decision.end and decision.end.isoformat(),
        "rule": str(decision.rule),
        "wait_months": decision.wait_months,
        "wait_fixed": decision.wait_fixed,
        "wait_variable": decision.wait_variable,
        "repair_years": answer.chosen.years,
        "repair_cost": yuan(answer.chosen.cost),
        "total": yuan(answer.total),
        "repairs": [
            {
                "years": row.years,
                "cost": yuan(row.cost),
                "start": row.decision.start and row.decision.start.isoformat(),
                "wait_months": row.decision.wait_months,
            }
            for row in answer.repairs
        ],
        "warnings": [str(one) for one in answer.warnings],
        "warnings_text": [warning(answer, one) for one in answer.warnings],
        "explain": sentence(answer),
        "explain_en": sentence(answer, chinese=False),
        "message": message(answer, asked.person.name),
        "message_en": message(answer, asked.person.name, chinese=False),
    }


def _pay_days(answer: WhatIf) -> list[int] | None:
    """First and last day of the month on which payments are taken; null: any day."""
    first, last = answer.terms.pay_day_from, answer.terms.pay_day_to
    return None if first is None or last is None else [first, last]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-03-10") from None
