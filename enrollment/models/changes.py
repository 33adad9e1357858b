"""What happened in the register, in the order in which it was committed, for those downstream who pull it."""

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Func
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models.persons import Enrollment, Person


class ChangeKind(models.TextChoices):
    """What a change is about. Who comes with a list is registered and enrolled at once: one change that names both."""

    REGISTERED = "REGISTERED", _("registered")
    ENROLLED = "ENROLLED", _("enrolled")
    SUSPENDED = "SUSPENDED", _("suspended")
    RESUMED = "RESUMED", _("resumed")
    ENDED = "ENDED", _("enrolment ended")
    DIED = "DIED", _("died")
    CORRECTED = "CORRECTED", _("personal data corrected")
    MERGED = "MERGED", _("merged with another record")
    CATEGORY_BEGAN = "CATEGORY_BEGAN", _("identity category began")
    CATEGORY_ENDED = "CATEGORY_ENDED", _("identity category ended")
    HOUSEHOLD = "HOUSEHOLD", _("household changed")
    UNDONE = "UNDONE", _("taken back")


class TransactionNumber(Func):
    """The number of the running transaction, as PostgreSQL's own snapshots compare it."""

    template = "((pg_current_xact_id())::text)::bigint"
    output_field = models.BigIntegerField()
    arity = 0


class Change(models.Model):
    """One thing that happened to a person in the register (append-only).

    Numbers of rows are handed out before they are committed; who pulls goes by (``xid``, ``id``) and stops
    below the oldest transaction still running, so that nothing is passed over.

    Its references are not constraints, like those of history: a list of 200,000 persons writes 400,000 of these
    rows, each in the transaction that has just written (and checked) what it refers to.
    """

    kind = models.CharField(_("kind"), max_length=14, choices=ChangeKind.choices)
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="changes",
        db_constraint=False,
    )
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    enrollment = models.ForeignKey(
        Enrollment,
        verbose_name=_("enrolment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    effective_on = models.DateField(_("counts from"))
    details = models.JSONField(_("what changed"), default=dict)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    made_by = models.ForeignKey(
        User,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    made_at = models.DateTimeField(_("at"))
    xid = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    class Meta:
        verbose_name = _("change in the register")
        verbose_name_plural = _("changes in the register")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["xid", "id"], name="change_order"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_known")
        ]
        triggers = audit.append_only("enrollment_change")

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"
