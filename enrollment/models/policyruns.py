"""Cover recomputed after the publication of a policy version, and whose cover moved by it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models.persons import Person
from enrollment.models.policies import Policy
from enrollment.states import POLICY_RUN_MOVES, PolicyRunState

_LIVE = [PolicyRunState.QUEUED.value, PolicyRunState.RUNNING.value]
_ENDED = [PolicyRunState.DONE.value, PolicyRunState.OVERTAKEN.value]


class PolicyRun(models.Model):
    """The recomputing of the cover that a published version governs, chunk by chunk; ``reached`` is the last receivable
    done.

    Each chunk is one transaction that locks this row: whoever holds the lock works, a crash leaves the mark where
    it was.
    """

    policy = models.ForeignKey(
        Policy, verbose_name=_("policy version"), on_delete=models.PROTECT, related_name="runs"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(s.value, s.value) for s in PolicyRunState],
        default=PolicyRunState.QUEUED.value,
    )
    reached = models.BigIntegerField(_("last receivable done"), default=0)
    until = models.BigIntegerField(_("last receivable to do"), default=0)
    persons = models.PositiveIntegerField(_("persons looked at"), default=0)
    moved = models.PositiveIntegerField(_("decisions changed"), default=0)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    error = models.CharField(_("last error"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recomputing of cover")
        verbose_name_plural = _("recomputings of cover")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in PolicyRunState]), name="policyrun_state_known"
            ),
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(state__in=_LIVE),
                name="policyrun_one_live",
                violation_error_message=_("The cover of this version is being recomputed already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=_ENDED, finished_at__isnull=False)
                | ~Q(state__in=_ENDED) & Q(finished_at__isnull=True),
                name="policyrun_end_evidence",
            ),
        ]
        triggers = [audit.moves_guard("enrollment_policyrun", POLICY_RUN_MOVES)]

    def __str__(self) -> str:
        return f"{self.policy} #{self.pk}"


class PolicyMove(models.Model):
    """A decision that a recomputing changed: the new row of cover, and the first days before and after (append-only)."""

    run = models.ForeignKey(
        PolicyRun, verbose_name=_("recomputing"), on_delete=models.PROTECT, related_name="moves"
    )
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    coverage_id = models.BigIntegerField(_("cover"))
    old_start = models.DateField(_("start until now"), null=True, blank=True)
    new_start = models.DateField(_("start afterwards"), null=True, blank=True)

    class Meta:
        verbose_name = _("moved cover")
        verbose_name_plural = _("moved cover")
        ordering = ["id"]
        indexes = [models.Index(fields=["region", "id"], name="policymove_region_page")]
        constraints = [
            models.UniqueConstraint(fields=["coverage_id"], name="policymove_cover_once"),
        ]
        triggers = audit.append_only("enrollment_policymove")

    def __str__(self) -> str:
        return str(self.coverage_id)


audit.track(PolicyRun)
