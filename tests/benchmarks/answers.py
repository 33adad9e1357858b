"""A bank's answer of any size for the benchmark: shuffled, 90.5 % success, 7 % declined, the rest faults."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

_MIX = (
    (905, "OK"),
    (975, "DECLINED"),
    (985, "PENDING"),
    (990, "AMOUNT"),
    (994, "HOLDER"),
    (998, "UNKNOWN_REF"),
    (1000, "MISSING"),
)
ALL_PAID = ((1000, "OK"),)
Mix = Sequence[tuple[int, str]]


def write(
    requests: Iterable[Path], folder: Path, *, seed: int, random_serials: bool = False, mix: Mix = _MIX
) -> list[Path]:
    """Answer every request file; serials rise with the file unless ``random_serials``. Returns the result files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_answer(path, folder, random.Random(seed), random_serials, mix) for path in requests]


def _answer(path: Path, folder: Path, dice: random.Random, random_serials: bool, mix: Mix) -> Path:
    rows = path.read_bytes().decode("gb18030").split("\r\n")
    head, lines = rows[0].split("|"), [row for row in rows[1:] if row]
    dice.shuffle(lines)
    serials = list(range(1, len(lines) + 1))
    if random_serials:
        dice.shuffle(serials)
    out, ok_lines, ok_fen, other_fen = [], 0, 0, 0
    for serial, line in zip(serials, lines, strict=True):
        seq, account, holder, amount, *_rest = line.split("|")
        ref = line.split("|")[8]
        roll = dice.randrange(1000)
        kind = next(kind for limit, kind in mix if roll < limit)
        if kind == "MISSING":
            continue
        fen = int(amount.replace(".", ""))
        paid, code, note = amount, "0000", "交易成功"
        if kind in ("DECLINED", "PENDING"):
            paid, code, note = "0.00", *(("3008", "余额不足") if kind == "DECLINED" else ("3024", "处理中"))
        elif kind == "AMOUNT":
            paid = f"{(fen - 1) // 100}.{(fen - 1) % 100:02d}"
        elif kind == "HOLDER":
            holder = "某" + holder[1:]
        elif kind == "UNKNOWN_REF":
            ref = ref[:12] + "9" + ref[13:]
        said = "" if code != "0000" else f"{head[5]}{head[6]}{serial:08d}"
        out.append(f"{seq}|{account}|{holder}|{amount}|{paid}|{code}|{note}|{said}|{head[5]}|{ref}|")
        if code == "0000":
            ok_lines, ok_fen = ok_lines + 1, ok_fen + int(paid.replace(".", ""))
        else:
            other_fen += fen
    total = sum(int(line.split("|")[3].replace(".", "")) for line in out)
    header = "|".join(
        ["R", *head[1:7], str(len(out)), _yuan(total), str(ok_lines), _yuan(ok_fen), str(len(out) - ok_lines),
         _yuan(other_fen), head[5], ""]
    )  # fmt: skip
    answer = folder / f"{path.stem}_R1.txt"
    answer.write_bytes("\r\n".join([header, *out, ""]).encode("gb18030"))
    return answer


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
