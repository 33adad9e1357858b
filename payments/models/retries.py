"""After a debit that failed: what each bank's reason means for the next run, and who may be tried once more all the same."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models import Person
from payments.files.resultcodes import ResultCode
from payments.models.debits import BankProfile

LONGEST = 20


class RetryAction(models.TextChoices):
    """What a declined debit asks for before the next one (design: bank-files 8.4)."""

    TRY_AGAIN = "TRY_AGAIN", _("try again on the next debit day")
    NEW_ACCOUNT = "NEW_ACCOUNT", _("ask for a new account")
    ASK_BANK = "ASK_BANK", _("the payer settles it with the bank")
    LOOK = "LOOK", _("a person looks at it first")
    STOP = "STOP", _("stop the mandate")


class RetryRule(models.Model):
    """What a reason means at a bank, or at every bank that has no rule of its own.

    ``stop_after``: from so many failed debits of a mandate in a benefit year on the mandate is stopped.
    """

    bank = models.ForeignKey(
        BankProfile, verbose_name=_("bank"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    internal = models.CharField(_("meaning"), max_length=14)
    action = models.CharField(_("what follows"), max_length=12, choices=RetryAction.choices)
    stop_after = models.PositiveSmallIntegerField(_("stop after failures"), null=True, blank=True)

    class Meta:
        verbose_name = _("retry rule")
        verbose_name_plural = _("retry rules")
        ordering = ["internal", "bank"]
        constraints = [
            models.UniqueConstraint(
                fields=["internal", "bank"],
                name="retry_rule_once",
                nulls_distinct=False,
                violation_error_message=_("This bank has a rule for this reason already."),
            ),
            models.CheckConstraint(
                condition=Q(internal__in=[code.value for code in ResultCode]),
                name="retry_rule_reason_known",
                violation_error_message=_("There is no such reason."),
            ),
            models.CheckConstraint(
                condition=Q(action__in=RetryAction.values),
                name="retry_rule_action_known",
                violation_error_message=_("There is no such action."),
            ),
            models.CheckConstraint(
                condition=Q(stop_after__isnull=True) | Q(action="TRY_AGAIN", stop_after__range=(1, LONGEST)),
                name="retry_rule_limit",
                violation_error_message=_("A limit of 1 to 20 failures belongs to what is tried again."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_id or '*'} {self.internal} {self.action}"


class RetryClearance(models.Model):
    """A clerk's word that what made a debit fail is settled, so that the same account is tried again (append-only)."""

    instruction_id = models.BigIntegerField(_("failed instruction"), primary_key=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="retry_clearances"
    )
    reason = models.CharField(_("reason"), max_length=500)
    cleared_by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    cleared_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("cleared debit")
        verbose_name_plural = _("cleared debits")
        ordering = ["-cleared_at", "instruction_id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="retry_clearance_says_why",
                violation_error_message=_("Please give a reason."),
            ),
        ]
        triggers = audit.append_only("payments_retryclearance")

    def __str__(self) -> str:
        return str(self.pk)


audit.track(RetryRule)
