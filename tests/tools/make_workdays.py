"""Write bureau/fixtures/workdays.csv from the chinesecalendar package: python -m tests.tools.make_workdays

Run it again when a release of that package covers a further year, and raise LAST_YEAR.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

FIRST_YEAR, LAST_YEAR = 2004, 2026
TARGET = Path(__file__).parents[2] / "bureau" / "fixtures" / "workdays.csv"
MADE_UP_FOR = "调休上班"
OFFICIAL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def row_of(day: date) -> tuple[str, str, str]:
    """Day, 1 or 0, and the holiday's Chinese name or 调休上班 (a weekend worked in exchange)."""
    off, english = chinese_calendar.get_holiday_detail(day)
    if off:
        names = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
        chinese = names[english] if english else ""
        return day.isoformat(), "0", OFFICIAL_NAMES.get(chinese, chinese)
    return day.isoformat(), "1", MADE_UP_FOR if day.weekday() >= 5 else ""


def workdays_csv() -> str:
    """The whole file: day,is_workday,note for every day of the years covered."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("day", "is_workday", "note"))
    day = date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        table.writerow(row_of(day))
        day += timedelta(days=1)
    return text.getvalue()


if __name__ == "__main__":
    TARGET.write_text(workdays_csv(), encoding="utf-8", newline="\n")
