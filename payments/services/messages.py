"""What persons are told: pulled from the facts, once for each, in the words of the latest template; sent in files.

Nobody who books anything knows of messages. Each event has a query over the facts; what it finds and nobody was told yet
becomes a row, written set-based. An app above adds its own events' facts with :func:`register`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, User
from bureau.names import MIDDLE_DOTS
from enrollment.models import Person, Policy
from enrollment.services import policies
from payments.files import smsfile
from payments.models import (
    Event,
    Message,
    MessageFile,
    MessageOptOut,
    MessageReceipt,
    MessageSending,
    MessageTemplate,
)
from payments.services import statements

LOOK_BACK = timedelta(days=3)
WARN_BEFORE = timedelta(days=7)
MOST_IN_A_FILE = 100_000
SEND, OPT = "message.send", "message.opt"
PLACES = ("name", "year", "amount", "day")
_PLACE = re.compile(r"\{([^{}]*)\}")

Facts = Callable[[datetime], Iterable[tuple[str, dict[str, Any]]]]
"""Queries with their values: subject_id, region_id, person_id, year, amount, day, until (each column, in any order)."""

_WRITE = """
INSERT INTO payments_message (event, subject_id, region_id, person_id, template_id, text, skipped, until, queued_at)
SELECT DISTINCT ON (f.subject_id) %(event)s, f.subject_id, f.region_id, f.person_id, t.id,
       replace(replace(replace(replace(t.text,
         '{name}', left(p.name, 1) || regexp_replace(substr(p.name, 2), %(letters)s, '*', 'g')),
         '{year}', f.year::text),
         '{amount}', coalesce(to_char(f.amount, 'FM9999999990.00'), '')),
         '{day}', coalesce(to_char(f.day, 'FMYYYY"年"FMMM"月"FMDD"日"'), '')),
       CASE WHEN o.person_id IS NOT NULL THEN 'OPTED_OUT' WHEN p.phone = '' THEN 'NO_PHONE' ELSE '' END,
       f.until, %(at)s
  FROM ({query}) AS f
  JOIN enrollment_person p ON p.id = f.person_id AND p.death_date IS NULL
  LEFT JOIN payments_messageoptout o ON o.person_id = f.person_id
 CROSS JOIN (SELECT id, text FROM payments_messagetemplate WHERE event = %(event)s ORDER BY version DESC LIMIT 1) AS t
 WHERE NOT EXISTS (SELECT FROM payments_message m WHERE m.event = %(event)s AND m.subject_id = f.subject_id)
ON CONFLICT (event, subject_id) DO NOTHING
"""
_TAKE = """
CREATE TEMPORARY TABLE sms_taken ON COMMIT DROP AS
SELECT m.id, p.phone, m.text
  FROM payments_message m
  JOIN enrollment_person p ON p.id = m.person_id
 WHERE m.region_id = ANY(%(regions)s) AND m.skipped = '' AND m.until >= %(on)s AND p.phone <> '' AND p.death_date IS NULL
   AND NOT EXISTS (SELECT FROM payments_messagesending s WHERE s.message_id = m.id)
   AND NOT EXISTS (SELECT FROM payments_messageoptout o WHERE o.person_id = m.person_id)
 ORDER BY m.id
 LIMIT %(most)s
"""


class PlaceUnknown(BureauError):
    """A template asks for something that no fact gives."""

    code = "MESSAGE_PLACE_UNKNOWN"
    message = gettext_noop("%(place)s cannot be filled in; there are {name}, {year}, {amount} and {day}.")


class NothingToSend(BureauError):
    """No message waits."""

    code = "MESSAGES_NONE"
    message = gettext_noop("No message of the region waits to be sent.")


class AnswerOfAnotherFile(BureauError):
    """The gateway's answer belongs elsewhere."""

    code = "MESSAGE_ANSWER_FOREIGN"
    message = gettext_noop("The answer is to file %(said)s, not to %(name)s.")


@dataclass(frozen=True)
class Acknowledged:
    """What an answer of the gateway came to."""

    delivered: int
    failed: int
    known: int
    unknown: int


_facts: dict[str, Facts] = {}


def register(event: str, facts: Facts) -> None:
    """Let ``facts`` say what there is to tell of ``event``; the same event again replaces it."""
    _facts[event] = facts


def _ours(stage: str) -> Facts:
    def facts(at: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
        (query,) = statements.statements(stage)
        yield query, {"on": day_of(at), "since": at - LOOK_BACK}

    return facts


def _last_chance(at: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
    """Each region whose window closes within a week."""
    on = day_of(at)
    (query,) = statements.statements("message_last_chance")
    for policy in Policy.objects.filter(state="PUBLISHED", benefit_year__in=(on.year, on.year + 1)):
        closes = policy.values.window_close
        if on <= closes <= on + WARN_BEFORE:
            yield (
                query,
                {
                    "closes": closes,
                    "regions": policies.governed(policy.region_id, policy.benefit_year),
                    "low": policy.benefit_year * 10**10,
                    "high": (policy.benefit_year + 1) * 10**10,
                },
            )


register(Event.DEBIT_PAID, _ours("message_debit_paid"))
register(Event.DEBIT_FAILED, _ours("message_debit_failed"))
register(Event.DEBIT_ABNORMAL, _ours("message_debit_abnormal"))
register(Event.COVER_START, _ours("message_cover_start"))
register(Event.LAST_CHANCE, _last_chance)


def pull(*, at: datetime) -> dict[str, int]:
    """Queue what nobody was told yet; returns how many rows of each event. Twice is once."""
    done = {}
    for event, facts in sorted(_facts.items()):
        done[event] = sum(_write(event, query, values, at) for query, values in facts(at))
    return done


def _write(event: str, query: str, values: dict[str, Any], at: datetime) -> int:
    with (
        transaction.atomic(),
        audit.acting(by=None, why="queue messages", event=event),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.messages'))")
        cursor.execute(
            _WRITE.replace("{query}", query),
            {**values, "event": str(event), "at": at, "letters": f"[^{MIDDLE_DOTS}[:space:]]"},
        )
        return cursor.rowcount


def write_template(*, event: str, text: str, by: User, at: datetime) -> MessageTemplate:
    """A new version of an event's wording; it counts from the next pull on. Raises PlaceUnknown, NotAllowed."""
    with transaction.atomic(), audit.acting(by=by, why="word a message", event=event):
        access.require(by, SEND)
        for place in _PLACE.findall(text):
            if place not in PLACES:
                raise PlaceUnknown(place="{" + place + "}")
        last = MessageTemplate.objects.filter(event=event).order_by("-version").first()
        version = last.version + 1 if last else 1
        return MessageTemplate.objects.create(
            event=event, version=version, text=text.strip(), made_by=by, made_at=at
        )


def set_opt_out(*, person_id: int, out: bool, by: User, at: datetime) -> Person:
    """Somebody wants no messages, or wants them again; returns who. Raises NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="messages wanted or not", person=person_id):
        person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)
        access.require(by, OPT, person.region_id)
        if out:
            MessageOptOut.objects.get_or_create(person=person, defaults={"since": at, "noted_by": by})
        else:
            MessageOptOut.objects.filter(person=person).delete()
        return person


def make_file(*, region_id: str, by: User, at: datetime, most: int = MOST_IN_A_FILE) -> MessageFile:
    """Put what waits in a region and below it into a file for the gateway; a message is in one file at most.

    Raises NothingToSend, NotAllowed, OutOfScope.
    """
    with (
        transaction.atomic(),
        audit.acting(by=by, why="send messages", region=region_id),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.messages'))")
        access.require(by, SEND, region_id)
        cursor.execute(_TAKE, {"regions": _below(region_id), "on": day_of(at), "most": most})
        cursor.execute("SELECT count(*) FROM sms_taken")
        number = cursor.fetchone()[0]
        if not number:
            raise NothingToSend()
        cursor.execute("SELECT id, phone, text FROM sms_taken ORDER BY id")
        digest = hashlib.sha256(smsfile.body(cursor.fetchall())).hexdigest()
        made = MessageFile.objects.create(
            region_id=region_id, messages=number, made_by=by, made_at=at, sha256=digest
        )
        cursor.execute(
            "INSERT INTO payments_messagesending (message_id, file_id, phone) SELECT id, %s, phone FROM sms_taken",
            [made.pk],
        )
        cursor.execute("DROP TABLE sms_taken")
        return made


def _below(region_id: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below (code) AS (SELECT code FROM bureau_region WHERE code = %s UNION "
            "SELECT r.code FROM bureau_region r JOIN below b ON r.parent_id = b.code) SELECT code FROM below",
            [region_id],
        )
        return [row[0] for row in cursor.fetchall()]


def content(file: MessageFile) -> bytes:
    """The file's bytes, the same at each call."""
    rows = MessageSending.objects.filter(file=file).order_by("message_id")
    body = smsfile.body(rows.values_list("message_id", "phone", "message__text"))
    return smsfile.header(str(file), file.messages, file.sha256) + body


def acknowledge(*, file_id: int, answer: bytes, by: User, at: datetime) -> Acknowledged:
    """Take the gateway's answer: what was delivered and what not; what it said before stands, strangers are counted.

    Raises AnswerOfAnotherFile, smsfile.AnswerUnreadable, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="answer of the SMS gateway", file=file_id):
        file = MessageFile.objects.select_for_update(of=("self",)).get(pk=file_id)
        access.require(by, SEND, file.region_id)
        said = smsfile.read_answer(answer)
        if said.name != str(file):
            raise AnswerOfAnotherFile(said=said.name, name=str(file))
        ids = [line.message_id for line in said.lines]
        mine = set(MessageSending.objects.filter(file=file, pk__in=ids).values_list("pk", flat=True))
        before = set(MessageReceipt.objects.filter(pk__in=ids).values_list("pk", flat=True))
        fresh = [line for line in said.lines if line.message_id in mine and line.message_id not in before]
        MessageReceipt.objects.bulk_create(
            MessageReceipt(
                sending_id=line.message_id, delivered=line.delivered, reason=line.reason, told_at=at
            )
            for line in fresh
        )
        delivered = sum(line.delivered for line in fresh)
        return Acknowledged(delivered, len(fresh) - delivered, len(mine & before), len(set(ids) - mine))


def waiting(*, region_ids: Iterable[str] | None, on: date) -> int:
    """How many messages wait to be sent in these regions (None: everywhere)."""
    rows = Message.objects.filter(skipped="", until__gte=on, sending=None)
    if region_ids is not None:
        rows = rows.filter(region_id__in=list(region_ids))
    return rows.count()


def regions_with_messages() -> set[str]:
    """Regions that have messages, with the regions above them."""
    codes = set(Message.objects.values_list("region_id", flat=True).distinct())
    parents = dict(Region.objects.values_list("code", "parent_id"))
    found: set[str] = set()
    for code in codes:
        above: str | None = code
        while above and above not in found:
            found.add(above)
            above = parents.get(above)
    return found
