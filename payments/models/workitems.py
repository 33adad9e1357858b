"""Work for a person: every yuan that was debited and not posted hangs here, with its amount and its clock."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models import Person
from payments.models.bankfiles import BankFile
from payments.states import WORK_MOVES, WorkState


class WorkKind(models.TextChoices):
    """What happened, so who must look by when."""

    UNMATCHED = "UNMATCHED", _("debited, not matched")
    REJECTED_MONEY = "REJECTED_MONEY", _("debited, line refused")
    UNKNOWN_CODE = "UNKNOWN_CODE", _("unknown result code")
    CONTRADICTION = "CONTRADICTION", _("answer contradicts a posted payment")
    REVERSED = "REVERSED", _("bank took a payment back")
    LATE_OK = "LATE_OK", _("debited after all")
    SWAP = "SWAP", _("earlier debit would give better cover")
    LONG = "LONG", _("long: only the other side has it")
    SHORT = "SHORT", _("short: only our books have it")
    STATED_AMOUNT = "STATED_AMOUNT", _("another amount than ours")
    STATED_DATE = "STATED_DATE", _("another date than ours")
    RETURN_UNKNOWN = "RETURN_UNKNOWN", _("returned, not known to us")


class WorkItem(models.Model):
    """A piece of work with its amount, its reason and its due date."""

    kind = models.CharField(_("kind"), max_length=16, choices=WorkKind.choices)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="work_items",
    )
    file = models.ForeignKey(
        BankFile,
        verbose_name=_("file"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="work_items",
    )
    line_id = models.BigIntegerField(_("bank line"), null=True, blank=True)
    instruction_id = models.BigIntegerField(_("instruction"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, default=0)
    reason = models.CharField(_("reason"), max_length=24)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[
            (WorkState.OPEN.value, _("open")),
            (WorkState.TAKEN.value, _("taken")),
            (WorkState.RESOLVED.value, _("resolved")),
        ],
        default=WorkState.OPEN.value,
    )
    due_on = models.DateField(_("due on"))
    opened_at = models.DateTimeField(_("opened at"))
    taken_by = models.ForeignKey(
        User, verbose_name=_("taken by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_by = models.ForeignKey(
        User, verbose_name=_("resolved by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolution = models.CharField(_("resolution"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["region", "due_on", "id"], name="workitem_queue", condition=~Q(state="RESOLVED")
            ),
            models.Index(fields=["person"], name="workitem_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "line_id"], name="workitem_line_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte="9999999999.99"), name="workitem_amount_range"
            ),
            models.CheckConstraint(
                condition=Q(state="RESOLVED", resolved_at__isnull=False) & ~Q(resolution="")
                | ~Q(state="RESOLVED") & Q(resolved_at__isnull=True, resolved_by__isnull=True, resolution=""),
                name="workitem_resolution_evidence",
                violation_error_message=_("A resolved item says how and when."),
            ),
            models.CheckConstraint(
                condition=~Q(state="TAKEN") | Q(taken_by__isnull=False), name="workitem_taken_evidence"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in WorkState]), name="workitem_state_known"
            ),
        ]
        triggers = [audit.moves_guard("payments_workitem", WORK_MOVES)]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()}"


class WorkNote(models.Model):
    """A remark on a work item (append-only)."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    text = models.CharField(_("note"), max_length=1000)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="worknote_has_text")]
        triggers = audit.append_only("payments_worknote")

    def __str__(self) -> str:
        return self.text


audit.track(WorkItem)
