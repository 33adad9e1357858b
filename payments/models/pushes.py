"""The push to the tax office: what is due and what ended, as a file out, and its acknowledgement in."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models import Person

LINES_A_PUSH = 10**8


class PushOp(models.TextChoices):
    """What the tax office shall do (design: bank-files 8.5, F)."""

    ADD = "A", _("new")
    UPDATE = "U", _("changed")
    DELETE = "D", _("ended")


class PushBatch(models.Model):
    """A file for the tax office: its lines are frozen, the same bytes each time it is written (append-only)."""

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    number = models.PositiveSmallIntegerField(_("batch number"))
    lines = models.PositiveIntegerField(_("lines"))
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("push to the tax office")
        verbose_name_plural = _("pushes to the tax office")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "-id"], name="push_page")]
        constraints = [
            models.UniqueConstraint(fields=["region", "day", "number"], name="push_number_once"),
            models.CheckConstraint(condition=Q(number__range=(1, 9999)), name="push_number_range"),
            models.CheckConstraint(condition=Q(lines__gt=0), name="push_has_lines"),
        ]
        triggers = audit.append_only("payments_pushbatch")

    def __str__(self) -> str:
        return f"YBTS_{self.region_id}_{self.day:%Y%m%d}_{self.number:04d}"


class PushLine(models.Model):
    """A receivable as it is told to the tax office: frozen values, ``id = batch * 10**8 + line number`` (append-only)."""

    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(
        PushBatch, verbose_name=_("push"), on_delete=models.PROTECT, related_name="rows"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    op = models.CharField(_("operation"), max_length=1, choices=PushOp.choices)
    receivable_id = models.BigIntegerField(_("receivable"))
    enrollment_id = models.BigIntegerField(_("enrolment"))
    person = models.ForeignKey(Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="+")
    id_type = models.CharField(_("type of ID"), max_length=6)
    id_number = models.CharField(_("ID number"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    scheme = models.CharField(_("scheme"), max_length=3)
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("line of a push")
        verbose_name_plural = _("lines of pushes")
        ordering = ["id"]
        indexes = [models.Index(fields=["receivable_id", "id"], name="pushline_receivable")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "receivable_id"], name="pushline_once"),
            models.CheckConstraint(
                condition=Q(
                    id__gt=F("batch") * LINES_A_PUSH, id__lt=F("batch") * LINES_A_PUSH + LINES_A_PUSH
                ),
                name="pushline_key_carries_batch",
            ),
            models.CheckConstraint(condition=Q(op__in=PushOp.values), name="pushline_op_known"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte="9999999999.99"), name="pushline_amount_range"
            ),
        ]
        triggers = audit.append_only("payments_pushline")

    def __str__(self) -> str:
        return str(self.pk)


class PushAnswer(models.Model):
    """What the tax office said of a line: taken, or refused and why (append-only)."""

    line = models.OneToOneField(
        PushLine, verbose_name=_("line"), primary_key=True, on_delete=models.PROTECT, related_name="answer"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    file_line_id = models.BigIntegerField(_("line of the acknowledgement"))
    taken = models.BooleanField(_("taken"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("answer of the tax office")
        verbose_name_plural = _("answers of the tax office")
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["file_line_id"], name="pushanswer_line_once"),
            models.CheckConstraint(
                condition=Q(taken=False) | Q(taken=True, reason=""),
                name="pushanswer_reason",
                violation_error_message=_("Only a refusal has a reason."),
            ),
        ]
        triggers = audit.append_only("payments_pushanswer")

    def __str__(self) -> str:
        return str(self.pk)
