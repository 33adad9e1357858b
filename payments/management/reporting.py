"""How the commands about files speak: JSON for programs, a table for people."""

import json
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _


def write_report(report: dict[str, Any], *, as_json: bool, write: Callable[[str], object]) -> None:
    """Print a file's report."""
    if as_json:
        write(json.dumps(report, ensure_ascii=False))
        return
    write(
        f"{report['name']}  #{report['file']}  {report['state']}  {report['refused_because'] or ''}".rstrip()
    )
    for reason in report["reasons"]:
        write("  " + ", ".join(f"{key}={value}" for key, value in reason.items() if key != "message"))
    write(f"{'':12}{_('lines'):>10}{_('amount'):>18}{_('debited'):>18}{_('repeated'):>10}")
    for bucket, row in report["buckets"].items():
        write(f"{bucket:12}{row['lines']:>10}{row['amount']:>18}{row['debited']:>18}{row['repeated']:>10}")
    missing = report["no_answer"]
    write(f"{'NO_ANSWER':12}{missing['lines']:>10}{missing['amount']:>18}")
    write(f"{_('changed')}: {report['changed']}   {_('seconds')}: {report['seconds']}")
