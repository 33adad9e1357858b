"""What the demonstration shows about a region and year: plain counts over all apps."""

from typing import Any

from django.db.models import Sum

from enrollment.models import Coverage, Enrollment
from payments.models import BankFile, DebitBatch, Instruction, Payment, Receivable
from payments.services import reports
from payments.states import BatchState

INSTRUCTIONS_A_YEAR = 10**12  # receivable * 100 + try; payments and cover likewise


def request_files(*, region: str, year: int, bank: str) -> list[str]:
    """Return the names of the request files that a second person has released, oldest first."""
    found = DebitBatch.objects.filter(
        region_id=region, benefit_year=year, bank_id=bank, state=BatchState.RELEASED
    )
    return [f"YBDK_{batch.title}.txt" for batch in found.order_by("id")]


def report(*, file: int) -> dict[str, Any]:
    """Return the report of a result file as it stands now, in the keys of `receive_file --json`."""
    return reports.report_of(BankFile.objects.get(pk=file))


def numbers(*, region: str, year: int) -> dict[str, Any]:
    """Return the counts of the region's facts of a benefit year, and the yuan paid."""
    first, last = year * INSTRUCTIONS_A_YEAR, (year + 1) * INSTRUCTIONS_A_YEAR
    of_year = {"region_id": region, "pk__gte": first, "pk__lt": last}
    payments = Payment.objects.filter(**of_year)
    return {
        "persons": Enrollment.objects.filter(region_id=region).values("person").distinct().count(),
        "receivables": Receivable.objects.filter(region_id=region, benefit_year=year).count(),
        "instructions": Instruction.objects.filter(**of_year).count(),
        "payments": payments.count(),
        "yuan": payments.aggregate(total=Sum("amount"))["total"] or 0,
        "cover": Coverage.objects.filter(**of_year).count(),
    }
