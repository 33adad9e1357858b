"""pain.001.001.03 and .09 as the standard wants them: any batch is written right, and what is wrong would be seen."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.pain import VERSIONS, pain001
from refunds.payoutfile import PayoutHeader, PayoutRow
from tests.refunds.painschema import faults

MADE = datetime(2025, 1, 20, 10, tzinfo=UTC)
NAMES = st.text(alphabet="张三李四阿·古丽欧阳", min_size=1, max_size=40).filter(
    lambda name: name.strip("·") == name
)
ROWS = st.lists(
    st.tuples(
        st.text(alphabet="0123456789", min_size=5, max_size=32),
        NAMES,
        st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2),
        st.sampled_from(["", "103611012345", "102100099996"]),
    ),
    min_size=1,
    max_size=6,
)


def message(version: str, made: list[tuple[str, str, Decimal, str]]) -> bytes:
    """A batch of these rows."""
    rows = [
        PayoutRow(seq, account, holder, amount, f"TF20250120{seq:09d}-01", cnaps=cnaps)
        for seq, (account, holder, amount, cnaps) in enumerate(made, start=1)
    ]
    header = PayoutHeader(
        region="450800",
        bank="103",
        unit="YBJ45080002",
        day=date(2025, 1, 20),
        batch="0001",
        lines=len(rows),
        amount=sum((row.amount for row in rows), Decimal(0)),
    )
    return pain001(header, rows, version=version, made_at=MADE)


@pytest.mark.parametrize("version", VERSIONS)
@given(made=ROWS)
def test_every_batch_is_as_the_standard_wants_it(
    version: str, made: list[tuple[str, str, Decimal, str]]
) -> None:
    assert faults(message(version, made)) == []


TWO = [
    ("6228480000000000001", "张三", Decimal("400.00"), "103611012345"),
    ("62284", "李四", Decimal("0.01"), ""),
]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"<NbOfTxs>2<", b"<NbOfTxs>3<", "NbOfTxs: 3, not 2"),
        (b"<CtrlSum>400.01<", b"<CtrlSum>400.00<", "CtrlSum: 400.00, not 400.01"),
        (b"000000002-01", b"000000001-01", "EndToEndId: twice"),
        (b"<PmtMtd>TRF<", b"<PmtMtd>XXX<", "PmtInf/PmtMtd: XXX"),
        (b"<BtchBookg>false</BtchBookg>", b"", ""),
        (b"<PmtMtd>TRF</PmtMtd>", b"", "PmtInf: PmtMtd 0 times"),
        (b"<GrpHdr>", b"<GrpHdr><Nm>x</Nm>", "GrpHdr: Nm does not belong here"),
        (b'Ccy="CNY"', b"", "InstdAmt: no currency"),
        (b"<Nm>103<", b"<Nm>" + b"1" * 141 + b"<", "Nm: 141 characters"),
        (b"<InstrId>1</InstrId><EndToEndId>", b"<EndToEndId>", ""),
        (
            b"<PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg>",
            b"<BtchBookg>false</BtchBookg><PmtMtd>TRF</PmtMtd>",
            "PmtInf: in another order",
        ),
        (b"pain.001.001.0", b"pain.008.001.0", "no message of a known version"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_wrong_is_seen(version: str, old: bytes, new: bytes, fault: str) -> None:
    """What the standard leaves free may be absent; everything else is named."""
    whole = message(version, TWO)
    assert old in whole
    found = faults(whole.replace(old, new))
    assert any(fault in one for one in found) if fault else found == [], found


def test_the_versions_differ_in_the_day() -> None:
    """.03 writes the day as it is, .09 inside Dt; each is wrong for the other."""
    old, new = message("PAIN_03", TWO), message("PAIN_09", TWO)
    assert any("ReqdExctnDt" in one for one in faults(old.replace(b"001.001.03", b"001.001.09")))
    assert any("ReqdExctnDt" in one for one in faults(new.replace(b"001.001.09", b"001.001.03")))
