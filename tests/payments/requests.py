"""Requests for the tests of files and of the simulated bank."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from payments.files.delimited import RequestHeader, RequestLine, request_bytes

DAY = date(2025, 1, 15)
HOLDERS = (
    "张三",
    "李四光",
    "买买提·艾力",
    "䶮𠮷",
    "\u9fb4子",
    "\ue81e子",
    "倈晐榺",
    "乗昞梊",
    "Anna Müller",
    "欧阳 修",
    "覃桂英",
)
"""Among them: characters beyond GBK, both readings of FE59, second bytes like `|` or a backslash."""

AMOUNTS = (Decimal("400.00"), Decimal("400.00"), Decimal("160.00"), Decimal("0.50"))

HEADER = RequestHeader(
    region="450800",
    bank="103",
    agency="YBJ45080001",
    day=DAY,
    batch="0001",
    lines=0,
    amount=Decimal("0.00"),
    debit_from=DAY,
    debit_to=date(2025, 1, 17),
)


def request(size: int, batch: str = "0001") -> tuple[RequestHeader, list[RequestLine]]:
    """A request of `size` lines; every value is a function of the line's number."""
    lines = [
        RequestLine(
            seq=number,
            account=f"62284800{number:011d}",
            holder=HOLDERS[number % len(HOLDERS)],
            amount=AMOUNTS[number % len(AMOUNTS)],
            mandate_no=f"SF4508002025{number:08d}",
            ref=f"450800-2025-{number:09d}-01",
            summary="城乡居民医保2025",
        )
        for number in range(1, size + 1)
    ]
    total = sum((line.amount for line in lines), Decimal("0.00"))
    return replace(HEADER, batch=batch, lines=size, amount=total), lines


def request_file(size: int, batch: str = "0001") -> bytes:
    """The same as a file."""
    header, lines = request(size, batch)
    return b"".join(request_bytes(header, lines))


clean_text = st.text(
    alphabet=st.characters(
        exclude_categories=["Cc", "Cf", "Cs"], exclude_characters="|\u2022\u2027\u2219\u22c5"
    ),
    min_size=1,
    max_size=15,
).filter(lambda text: not set(text) & set("\u30fb\uff65\u0387\ua78f"))
"""What may stand in a field and comes back as it was: nothing forbidden, and no dot but U+00B7."""
