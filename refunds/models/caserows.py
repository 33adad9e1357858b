"""What belongs to a case: every step with its person, time and reason, and the accounts that its money may go to."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import User
from enrollment.models.changes import TransactionNumber
from refunds.models.cases import RefundCase
from refunds.models.choices import STATES
from refunds.states import SAYS_WHY, CaseState


class RefundStep(models.Model):
    """A step of a case: from where to where, by whom, when and why (append-only)."""

    case = models.ForeignKey(RefundCase, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField(_("step"))
    from_state = models.CharField(_("from"), max_length=15, blank=True, choices=STATES)
    to_state = models.CharField(_("to"), max_length=15, choices=STATES)
    by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"))
    words = models.CharField(_("reason"), max_length=500, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    xid = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    class Meta:
        verbose_name = _("step of a refund")
        verbose_name_plural = _("steps of refunds")
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"],
                name="refund_step_once",
                violation_error_message=_("Somebody else was faster; look at the page again."),
            ),
            models.CheckConstraint(
                condition=Q(to_state__in=[s.value for s in CaseState]), name="refund_step_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(to_state__in=[s.value for s in SAYS_WHY]) | ~Q(words=""),
                name="refund_step_words",
                violation_error_message=_("Please give a reason."),
            ),
        ]
        triggers = audit.append_only("refunds_refundstep")

    def __str__(self) -> str:
        return f"{self.case_id} {self.number} {self.to_state}"


class PayeeAccount(models.Model):
    """Where the money goes: the account it came from, the applicant's, or a corrected one; a second person confirms it."""

    class Source(models.TextChoices):
        ORIGINAL = "ORIGINAL", _("the way it came")
        APPLICANT = "APPLICANT", _("given by the applicant")
        CORRECTED = "CORRECTED", _("corrected after a failure")

    case = models.ForeignKey(RefundCase, on_delete=models.PROTECT, related_name="accounts")
    number = models.PositiveSmallIntegerField(_("number"))
    source = models.CharField(_("source"), max_length=9, choices=Source.choices)
    holder = models.CharField(_("account holder"), max_length=120)
    account = models.CharField(_("account"), max_length=32)
    bank_name = models.CharField(_("opening bank"), max_length=80, blank=True)
    cnaps = models.CharField(_("opening bank code"), max_length=12, blank=True)
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    confirmed_by = models.ForeignKey(
        User,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payee's account")
        verbose_name_plural = _("payees' accounts")
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"],
                name="payee_account_once",
                violation_error_message=_("Somebody else was faster; look at the page again."),
            ),
            models.CheckConstraint(
                condition=Q(account__regex=r"^[0-9A-Za-z]{5,32}$"),
                name="payee_account_format",
                violation_error_message=_("An account number has 5 to 32 letters or digits."),
            ),
            models.CheckConstraint(condition=~Q(holder=""), name="payee_account_has_holder"),
            models.CheckConstraint(
                condition=Q(cnaps="") | Q(cnaps__regex=r"^[0-9]{12}$"),
                name="payee_account_cnaps",
                violation_error_message=_("An opening bank has a code of 12 digits."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(made_by__isnull=True)
                | ~Q(confirmed_by=F("made_by")),
                name="payee_account_second_person",
                violation_error_message=_("Nobody confirms what they wrote."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="payee_account_confirm_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"


audit.track(PayeeAccount)
