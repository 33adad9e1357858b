"""What ISO 20022 asks of pain.001.001.03 and .09, as far as our messages go: order, number and form of the elements.

Restated from the published schemas by hand, as a table of its own: the writer knows nothing of it. A parent lists all
children that it may have, in their order, so that an element of ours in a wrong place or one too many is seen.
"""

import re
from decimal import Decimal
from xml.etree import ElementTree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
ONE, MAYBE, SOME, ANY = (1, 1), (0, 1), (1, 10**9), (0, 10**9)
Children = dict[str, tuple[int, int]]


def _may(names: str) -> Children:
    return dict.fromkeys(names.split(), MAYBE)


PARTY: Children = _may("Nm PstlAdr Id CtryOfRes CtctDtls")
ACCOUNT = {"Id": ONE, **_may("Tp Ccy Nm")}
TRANSFER: Children = {
    "PmtId": ONE, "PmtTpInf": MAYBE, "Amt": ONE,
    **_may("XchgRateInf ChrgBr ChqInstr UltmtDbtr IntrmyAgt1 IntrmyAgt1Acct IntrmyAgt2 IntrmyAgt2Acct IntrmyAgt3 IntrmyAgt3Acct"),
    **_may("CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr"), "InstrForCdtrAgt": ANY, **_may("InstrForDbtrAgt Purp"),
    "RgltryRptg": (0, 10), "Tax": MAYBE, "RltdRmtInf": (0, 10), "RmtInf": MAYBE,
}  # fmt: skip
PAYMENT: Children = {
    "PmtInfId": ONE, "PmtMtd": ONE, **_may("BtchBookg NbOfTxs CtrlSum PmtTpInf"), "ReqdExctnDt": ONE,
    "PoolgAdjstmntDt": MAYBE, "Dbtr": ONE, "DbtrAcct": ONE, "DbtrAgt": ONE,
    **_may("DbtrAgtAcct UltmtDbtr ChrgBr ChrgsAcct ChrgsAcctAgt"), "CdtTrfTxInf": SOME,
}  # fmt: skip
COMMON: dict[str, Children] = {
    "Document": {"CstmrCdtTrfInitn": ONE},
    "CstmrCdtTrfInitn": {"GrpHdr": ONE, "PmtInf": SOME, "SplmtryData": ANY},
    "GrpHdr": {"MsgId": ONE, "CreDtTm": ONE, "Authstn": (0, 2), "NbOfTxs": ONE, "CtrlSum": MAYBE, "InitgPty": ONE,
               "FwdgAgt": MAYBE},
    "PmtInf": PAYMENT,
    "CdtTrfTxInf": TRANSFER,
    "PmtId": {"InstrId": MAYBE, "EndToEndId": ONE},
    "Amt": {"InstdAmt": ONE},
    "InitgPty": PARTY, "Dbtr": PARTY, "Cdtr": PARTY,
    "InitgPty/Id": {"OrgId": ONE}, "Dbtr/Id": {"OrgId": ONE},
    "DbtrAcct": ACCOUNT, "CdtrAcct": ACCOUNT, "DbtrAcct/Id": {"Othr": ONE}, "CdtrAcct/Id": {"Othr": ONE},
    "OrgId": {"BICOrBEI": MAYBE, "Othr": ANY},
    "Othr": {"Id": ONE, **_may("SchmeNm Issr")},
    "DbtrAgt": {"FinInstnId": ONE, "BrnchId": MAYBE}, "CdtrAgt": {"FinInstnId": ONE, "BrnchId": MAYBE},
    "FinInstnId": _may("BIC ClrSysMmbId Nm PstlAdr Othr"),
    "ClrSysMmbId": {"ClrSysId": MAYBE, "MmbId": ONE},
    "ClrSysId": {"Prtry": ONE},
    "RmtInf": {"Ustrd": ANY, "Strd": ANY},
}  # fmt: skip
VERSIONS: dict[str, dict[str, Children]] = {
    "pain.001.001.03": COMMON,
    "pain.001.001.09": COMMON
    | {
        "GrpHdr": COMMON["GrpHdr"] | {"InitnSrc": MAYBE},
        "ReqdExctnDt": {"Dt": ONE},
        "OrgId": {"AnyBIC": MAYBE, "LEI": MAYBE, "Othr": ANY},
        "FinInstnId": _may("BICFI ClrSysMmbId LEI Nm PstlAdr Othr"),
    },
}
TEXTS = {
    "MsgId": 35, "PmtInfId": 35, "InstrId": 35, "EndToEndId": 35, "Nm": 140, "MmbId": 35, "Prtry": 35, "Ustrd": 140,
    "DbtrAcct/Id/Othr/Id": 34, "CdtrAcct/Id/Othr/Id": 34, "OrgId/Othr/Id": 35,
}  # fmt: skip
FORMS = {
    "NbOfTxs": r"[0-9]{1,15}",
    "CtrlSum": r"[0-9]{1,16}(\.[0-9]{1,17})?",
    "InstdAmt": r"[0-9]{1,13}(\.[0-9]{1,5})?",
    "CreDtTm": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    "Dt": r"\d{4}-\d\d-\d\d",
    "ReqdExctnDt": r"\d{4}-\d\d-\d\d",
    "BtchBookg": "true|false|1|0",
    "PmtMtd": "CHK|TRF|TRA",
    "Ccy": "[A-Z]{3}",
}


def faults(content: bytes) -> list[str]:
    """Everything in which a message differs from its schema or from its own sums; nothing where it is right."""
    root = ElementTree.fromstring(content)  # noqa: S314 (written by ourselves)
    space, _, name = root.tag.lstrip("{").partition("}")
    version = space.removeprefix(NAMESPACE)
    if name != "Document" or version not in VERSIONS:
        return [f"no message of a known version: {root.tag}"]
    found: list[str] = []
    _look(root, [name], "{" + space + "}", VERSIONS[version], found)
    return found or _sums(root, "{" + space + "}")


def _rule(path: list[str], rules: dict[str, object]) -> object:
    """The rule of the longest end of a path."""
    return next((rules["/".join(path[-n:])] for n in (4, 3, 2, 1) if "/".join(path[-n:]) in rules), None)


def _look(
    one: ElementTree.Element, path: list[str], inside: str, known: dict[str, Children], found: list[str]
) -> None:
    where = "/".join(path)
    if not all(child.tag.startswith(inside) for child in one):
        found.append(f"{where}: another namespace")
        return
    names = [child.tag.removeprefix(inside) for child in one]
    children = _rule(path, known)  # type: ignore[arg-type]
    if not names:
        if isinstance(children, dict):
            found.append(f"{where}: has no children")
        _text(one, path, found)
        return
    if not isinstance(children, dict):
        found.append(f"{where}: has children")
        return
    order = list(children)
    found += [f"{where}: {name} does not belong here" for name in names if name not in children]
    places = [order.index(name) for name in names if name in children]
    if places != sorted(places):
        found.append(f"{where}: in another order")
    for name, (least, most) in children.items():
        if not least <= names.count(name) <= most:
            found.append(f"{where}: {name} {names.count(name)} times")
    for child, name in zip(one, names, strict=True):
        _look(child, [*path, name], inside, known, found)


def _text(one: ElementTree.Element, path: list[str], found: list[str]) -> None:
    text, where = one.text or "", "/".join(path)
    most, form = _rule(path, TEXTS), FORMS.get(path[-1])  # type: ignore[arg-type]
    if isinstance(most, int) and not 1 <= len(text) <= most:
        found.append(f"{where}: {len(text)} characters")
    if form is not None and not re.fullmatch(form, text):
        found.append(f"{where}: {text}")
    if most is None and form is None:
        found.append(f"{where}: unknown")
    if path[-1] == "InstdAmt" and not re.fullmatch("[A-Z]{3}", one.get("Ccy", "")):
        found.append(f"{where}: no currency")


def _sums(root: ElementTree.Element, inside: str) -> list[str]:
    """Numbers and sums of the header and of the payment are those of the transfers, and no reference stands twice."""
    amounts = [Decimal(one.text or "") for one in root.iter(f"{inside}InstdAmt")]
    refs = [one.text for one in root.iter(f"{inside}EndToEndId")]
    told = [("NbOfTxs", Decimal(len(amounts))), ("CtrlSum", sum(amounts, Decimal(0)))]
    found = [
        f"{name}: {one.text}, not {right}"
        for name, right in told
        for one in root.iter(inside + name)
        if Decimal(one.text or "") != right
    ]
    return found + (["EndToEndId: twice"] if len(set(refs)) < len(refs) else [])
