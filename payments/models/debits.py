"""Money asked for: banks, mandates, batches and their frozen instructions."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from bureau.partitions import YearPartition
from enrollment.models import RESIDENT, Person
from payments.models.querysets import InstructionQuerySet
from payments.states import BATCH_MOVES, MANDATE_MOVES, BatchState, MandateState


class BankProfile(models.Model):
    """How a bank exchanges files: layout, encoding, code set and limits."""

    code = models.CharField(_("bank"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    layout = models.CharField(_("layout"), max_length=10, choices=[("A", _("layout A (text)"))], default="A")
    encoding = models.CharField(
        _("encoding"), max_length=10, choices=[("GB18030", "GB18030")], default="GB18030"
    )
    code_set = models.CharField(_("result code set"), max_length=10, default="AIPG")
    debit_days = models.PositiveSmallIntegerField(_("debit days"), default=3)
    max_lines = models.PositiveIntegerField(_("lines a file"), default=5_000_000)
    max_line_bytes = models.PositiveIntegerField(_("bytes a line"), default=1000)
    max_file_bytes = models.BigIntegerField(_("bytes a file"), default=2_000_000_000)
    clearing_code = models.CharField(_("clearing code"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("bank")
        verbose_name_plural = _("banks")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{3}$"), name="bank_code_format"),
            models.CheckConstraint(
                condition=Q(debit_days__gte=1, debit_days__lte=20), name="bank_debit_days_range"
            ),
            models.CheckConstraint(
                condition=Q(max_lines__gte=1, max_lines__lte=5_000_000), name="bank_max_lines_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ResultCode(models.Model):
    """One row of a bank's result codes: code, and where one code holds several causes a pattern for the bank's text."""

    code_set = models.CharField(_("result code set"), max_length=10)
    code = models.CharField(_("code"), max_length=10, blank=True)
    pattern = models.CharField(_("text pattern"), max_length=60, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    internal = models.CharField(_("meaning"), max_length=14)

    class Meta:
        verbose_name = _("result code")
        verbose_name_plural = _("result codes")
        ordering = ["code_set", "code", "priority"]
        constraints = [
            models.UniqueConstraint(fields=["code_set", "code", "pattern"], name="result_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code_set} {self.code} {self.internal}"


class Mandate(models.Model):
    """A direct-debit mandate (三方协议): this account pays for this insured person; debit cards only."""

    agreement_no = models.CharField(_("agreement number"), max_length=60)
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="mandates"
    )
    scheme = models.CharField(_("scheme"), max_length=3, default=RESIDENT)
    bank = models.ForeignKey(BankProfile, verbose_name=_("bank"), on_delete=models.PROTECT, related_name="+")
    account = models.CharField(_("account"), max_length=32)
    holder = models.CharField(_("account holder"), max_length=120)
    card_type = models.CharField(
        _("card type"),
        max_length=6,
        choices=[("DEBIT", _("debit card")), ("CREDIT", _("credit card"))],
        default="DEBIT",
    )
    cross_bank = models.BooleanField(_("other bank's account"), default=False)
    bank_name = models.CharField(_("opening bank"), max_length=80, blank=True)
    cnaps = models.CharField(_("opening bank code"), max_length=12, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[
            (MandateState.SIGNED.value, _("signed")),
            (MandateState.VERIFIED.value, _("verified")),
            (MandateState.CANCELLED.value, _("cancelled")),
        ],
        default=MandateState.SIGNED.value,
    )
    signed_on = models.DateField(_("signed on"))

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement_no"],
                name="mandate_agreement_no_once",
                violation_error_message=_("This agreement number was used before."),
            ),
            models.UniqueConstraint(
                fields=["person", "scheme"],
                condition=Q(state__in=["SIGNED", "VERIFIED"]),
                name="mandate_one_live",
                violation_error_message=_("This person already has a live mandate."),
            ),
            models.CheckConstraint(
                condition=Q(card_type="DEBIT"),
                name="mandate_debit_card",
                violation_error_message=_("Only debit cards can be debited."),
            ),
            models.CheckConstraint(
                condition=Q(account__regex=r"^[0-9A-Za-z]{5,32}$"),
                name="mandate_account_format",
                violation_error_message=_("An account number has 5 to 32 letters or digits."),
            ),
            models.CheckConstraint(
                condition=Q(cross_bank=False) | (~Q(bank_name="") & Q(cnaps__regex=r"^[0-9]{12}$")),
                name="mandate_cross_bank_named",
                violation_error_message=_(
                    "An account at another bank needs that bank's name and 12-digit code."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in MandateState]), name="mandate_state_known"
            ),
        ]
        triggers = [audit.moves_guard("payments_mandate", MANDATE_MOVES)]

    def __str__(self) -> str:
        return self.agreement_no


class DebitBatch(models.Model):
    """One request file: frozen by one person, released to the bank by another."""

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    bank = models.ForeignKey(BankProfile, verbose_name=_("bank"), on_delete=models.PROTECT, related_name="+")
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    entrusted_on = models.DateField(_("entrusted on"))
    number = models.PositiveSmallIntegerField(_("batch number"))
    debit_from = models.DateField(_("first debit day"))
    debit_to = models.DateField(_("last debit day"))
    lines = models.PositiveIntegerField(_("lines"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    digest = models.CharField(_("digest (SM3)"), max_length=64, blank=True)
    left_out = models.JSONField(_("left out"), default=dict)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[
            (BatchState.FROZEN.value, _("frozen")),
            (BatchState.RELEASED.value, _("released")),
            (BatchState.DROPPED.value, _("dropped")),
        ],
        default=BatchState.FROZEN.value,
    )
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    released_by = models.ForeignKey(
        User, verbose_name=_("released by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("debit batch")
        verbose_name_plural = _("debit batches")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "-id"], name="batch_region_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "region", "entrusted_on", "number"], name="batch_number_once"
            ),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=9999), name="batch_number_range"),
            models.CheckConstraint(condition=Q(debit_to__gte=F("debit_from")), name="batch_days_order"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="batch_amount_range"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("made_by")),
                name="batch_second_person",
                violation_error_message=_("Nobody releases a batch they made."),
            ),
            models.CheckConstraint(
                condition=Q(state="RELEASED", released_by__isnull=False, released_at__isnull=False)
                | (~Q(state="RELEASED") & Q(released_by__isnull=True, released_at__isnull=True)),
                name="batch_release_evidence",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in BatchState]), name="batch_state_known"
            ),
        ]
        triggers = [audit.moves_guard("payments_debitbatch", BATCH_MOVES)]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The batch's name: bank, region, day, number (the request file's name without its frame)."""
        return f"{self.bank_id}_{self.region_id}_{self.entrusted_on:%Y%m%d}_{self.number:04d}"

    @property
    def entrusting_unit(self) -> str:
        """委托单位号: the bureau's number at the bank."""
        return f"YBJ{self.region_id}01"


class Instruction(models.Model):
    """One frozen request to debit: everything its line in the request file says, for ever.

    ``id = receivable * 100 + try``; the reference in the file is ``{region}-{year}-{number:09d}-{try:02d}``.
    """

    partition = YearPartition(
        factor=10**12,
        append_only=True,
        leaf_ddl=(
            'ALTER TABLE "{leaf}" ADD CONSTRAINT "{leaf}_line" UNIQUE (batch_id, seq)',
            'CREATE INDEX "{leaf}_person" ON "{leaf}" (person_id)',
        ),
    )
    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(
        DebitBatch, verbose_name=_("batch"), on_delete=models.PROTECT, related_name="instructions",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    seq = models.PositiveIntegerField(_("line"))
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="instructions",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    mandate = models.ForeignKey(
        Mandate, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    account = models.CharField(_("account"), max_length=32)
    holder = models.CharField(_("account holder"), max_length=120)
    cross_bank = models.BooleanField(default=False)
    bank_name = models.CharField(max_length=80, blank=True)
    cnaps = models.CharField(max_length=12, blank=True)
    mandate_no = models.CharField(_("agreement number"), max_length=60)
    remark = models.CharField(_("remark"), max_length=60, blank=True)

    objects = InstructionQuerySet.as_manager()

    class Meta:
        verbose_name = _("instruction")
        verbose_name_plural = _("instructions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"),
                name="instruction_amount_range",
            ),
        ]
        triggers = audit.append_only("payments_instruction")

    def __str__(self) -> str:
        return self.ref

    @property
    def receivable_id(self) -> int:
        """The receivable that the key carries."""
        return self.pk // 100

    @property
    def ref(self) -> str:
        """标识号: region, year, due number, try."""
        year, number = divmod(self.pk // 100, 10**10)
        return f"{self.region_id}-{year}-{number:09d}-{self.pk % 100:02d}"


class InstructionRelease(models.Model):
    """An instruction without an answer, let go by two persons on the bank's written word (append-only)."""

    instruction = models.OneToOneField(
        Instruction, primary_key=True, on_delete=models.PROTECT, related_name="release", db_constraint=False
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(DebitBatch, on_delete=models.PROTECT, related_name="releases")
    proposal_id = models.BigIntegerField(_("proposal"))
    released_at = models.DateTimeField(_("released at"))

    class Meta:
        verbose_name = _("released instruction")
        verbose_name_plural = _("released instructions")
        triggers = audit.append_only("payments_instructionrelease")

    def __str__(self) -> str:
        return str(self.pk)


for _model in (BankProfile, ResultCode, Mandate, DebitBatch):
    audit.track(_model)
