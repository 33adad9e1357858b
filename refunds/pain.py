"""Payouts as ISO 20022 messages: pain.001.001.03 and .09 out, pain.002 back (design: bank-files 8.2, 8.5).

Only ACSC makes a refund paid; a line that is absent from an answer has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree
from xml.parsers import expat

from bureau.money import AmountError, parse_yuan, yuan
from payments.files.refusals import HeaderUnreadable, WrongFormat, XmlDtd
from payments.files.results import LineUnreadable, ResultLine
from refunds.payoutfile import SUMMARY, PayoutHeader, PayoutNotWritable, PayoutRow, unwritable

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = {"PAIN_03": "pain.001.001.03", "PAIN_09": "pain.001.001.09"}
_ANSWER = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(?:0[3-9]|1[0-4])")
DEBTOR = "医疗保险基金支出户"
SETTLED, REFUSED = "ACSC", "RJCT"


@dataclass(frozen=True, slots=True)
class Report:
    """A pain.002 as far as it concerns us: the message it answers, its totals where given, its lines."""

    message: str
    lines_said: int | None
    amount_said: Decimal | None
    lines: tuple[ResultLine, ...]


def pain001(header: PayoutHeader, rows: Sequence[PayoutRow], *, version: str, made_at: datetime) -> bytes:
    """The credit transfers of a batch, the same bytes each time. ``version``: a key of VERSIONS. Raises PayoutNotWritable."""
    space = NAMESPACE + VERSIONS[version]
    message = f"{header.bank}{header.region}{header.day:%Y%m%d}{header.batch}"
    root = ElementTree.Element("Document", {"xmlns": space})
    body = ElementTree.SubElement(root, "CstmrCdtTrfInitn")
    group = _put(body, "GrpHdr")
    _put(group, "MsgId", message)
    _put(group, "CreDtTm", f"{made_at:%Y-%m-%dT%H:%M:%S}")
    _put(group, "NbOfTxs", str(header.lines))
    _put(group, "CtrlSum", yuan(header.amount))
    _party(_put(group, "InitgPty"), DEBTOR, header.unit)
    info = _put(body, "PmtInf")
    _put(info, "PmtInfId", message)
    _put(info, "PmtMtd", "TRF")
    _put(info, "BtchBookg", "false")
    _put(info, "NbOfTxs", str(header.lines))
    _put(info, "CtrlSum", yuan(header.amount))
    day = header.day.isoformat()
    if version == "PAIN_03":
        _put(info, "ReqdExctnDt", day)
    else:
        _put(_put(info, "ReqdExctnDt"), "Dt", day)
    _party(_put(info, "Dbtr"), DEBTOR, header.unit)
    _account(_put(info, "DbtrAcct"), header.unit, currency=True)
    _put(_put(_put(info, "DbtrAgt"), "FinInstnId"), "Nm", header.bank)
    for row in rows:
        _transfer(info, row)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")


def _transfer(info: ElementTree.Element, row: PayoutRow) -> None:
    field = unwritable(row)
    if field:
        raise PayoutNotWritable(ref=row.ref, field=field)
    one = _put(info, "CdtTrfTxInf")
    ids = _put(one, "PmtId")
    _put(ids, "InstrId", str(row.seq))
    _put(ids, "EndToEndId", row.ref)
    _put(_put(one, "Amt"), "InstdAmt", yuan(row.amount)).set("Ccy", "CNY")
    if row.cnaps:
        member = _put(_put(_put(one, "CdtrAgt"), "FinInstnId"), "ClrSysMmbId")
        _put(_put(member, "ClrSysId"), "Prtry", "CNAPS")
        _put(member, "MmbId", row.cnaps)
    _put(_put(one, "Cdtr"), "Nm", row.holder)
    _account(_put(one, "CdtrAcct"), row.account)
    _put(_put(one, "RmtInf"), "Ustrd", SUMMARY)


def _put(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name)
    if text:
        made.text = text
    return made


def _party(parent: ElementTree.Element, name: str, unit: str) -> None:
    _put(parent, "Nm", name)
    _put(_put(_put(_put(parent, "Id"), "OrgId"), "Othr"), "Id", unit)


def _account(parent: ElementTree.Element, number: str, *, currency: bool = False) -> None:
    _put(_put(_put(parent, "Id"), "Othr"), "Id", number)
    if currency:
        _put(parent, "Ccy", "CNY")


# --- the answer --------------------------------------------------------------------------------------


def looks_like_xml(content: bytes) -> bool:
    """Whether the bytes begin like an XML file."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_pain002(content: bytes) -> Report:
    """An answer. Raises XmlDtd for any document type or entity, WrongFormat for what is no pain.002, HeaderUnreadable
    where the answered message is not named, LineUnreadable for a transaction that cannot be read.
    """
    root = _tree(content)
    space, _, name = root.tag.rpartition("}")
    if name != "Document" or not _ANSWER.fullmatch(space.lstrip("{")):
        raise WrongFormat(found="XML")
    inside = "{" + space.lstrip("{") + "}"
    report = root.find(f"{inside}CstmrPmtStsRpt")
    group = None if report is None else report.find(f"{inside}OrgnlGrpInfAndSts")
    message = "" if group is None else _text(group, inside, "OrgnlMsgId")
    if report is None or group is None or not message:
        raise HeaderUnreadable(field="OrgnlMsgId")
    said, total = _text(group, inside, "OrgnlNbOfTxs"), _text(group, inside, "OrgnlCtrlSum")
    lines = tuple(
        _line(seq, one, inside) for seq, one in enumerate(report.iter(f"{inside}TxInfAndSts"), start=1)
    )
    return Report(message, int(said) if said.isdigit() else None, _amount(total) if total else None, lines)


def _line(seq: int, one: ElementTree.Element, inside: str) -> ResultLine:
    status = _text(one, inside, "TxSts")
    ref = _text(one, inside, "OrgnlEndToEndId")
    if not status or not ref:
        raise LineUnreadable(field="TxSts" if ref else "OrgnlEndToEndId")
    reason = _text(one, inside, "StsRsnInf", "Rsn", "Cd") or _text(one, inside, "StsRsnInf", "Rsn", "Prtry")
    amount = _amount(_text(one, inside, "OrgnlTxRef", "Amt", "InstdAmt"))
    return ResultLine(
        seq=seq,
        account=_text(one, inside, "OrgnlTxRef", "CdtrAcct", "Id", "Othr", "Id"),
        holder=_text(one, inside, "OrgnlTxRef", "Cdtr", "Nm"),
        due=amount,
        paid=amount if status == SETTLED else Decimal("0.00"),
        code=reason if status == REFUSED and reason else status,
        note=_text(one, inside, "StsRsnInf", "AddtlInf"),
        serial=_text(one, inside, "AcctSvcrRef"),
        debited_on=_day(_text(one, inside, "AccptncDtTm")),
        ref=ref,
    )


def _text(parent: ElementTree.Element, inside: str, *path: str) -> str:
    found = parent.find("/".join(inside + name for name in path))
    return "" if found is None or found.text is None else found.text.strip()


def _amount(text: str) -> Decimal:
    try:
        return parse_yuan(text) if text else Decimal("0.00")
    except AmountError as error:
        raise LineUnreadable(field="due", cause=error.code) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise LineUnreadable(field="debited_on") from None


def _tree(content: bytes) -> ElementTree.Element:
    """The elements; a document type is refused before anything in it is read."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")

    def refuse(*_args: object) -> None:
        raise XmlDtd()

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: builder.start(
        "{" + tag if "}" in tag else tag, attributes
    )
    parser.EndElementHandler = lambda tag: builder.end("{" + tag if "}" in tag else tag)
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise WrongFormat(found="XML") from error
    return builder.close()
