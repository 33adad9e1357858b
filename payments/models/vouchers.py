"""Payment vouchers: numbered per region and year without gaps, never changed; prints and cancellations are further rows."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.identity import CERT_TYPES
from bureau.models import Region, User
from bureau.partitions import YearPartition
from payments.states import VOUCHER_BATCH_MOVES, VoucherBatchState

MOST_IN_A_BATCH = 50_000


class VoucherSeries(models.Model):
    """The last number given in a region and year; its row is the queue of those who issue. Bookkeeping, not a fact."""

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("voucher series")
        verbose_name_plural = _("voucher series")
        constraints = [models.UniqueConstraint(fields=["region", "benefit_year"], name="voucher_series_once")]

    def __str__(self) -> str:
        return f"{self.region_id}-{self.benefit_year}"


class Voucher(models.Model):
    """The voucher of a payment: its key is the payment's, so a payment has one; its number is the next of the series."""

    partition = YearPartition(
        factor=10**12,
        append_only=True,
        leaf_ddl=('ALTER TABLE "{leaf}" ADD CONSTRAINT "{leaf}_number" UNIQUE (region_id, number)',),
    )
    id = models.BigIntegerField(_("payment"), primary_key=True)
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"))
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("payment voucher")
        verbose_name_plural = _("payment vouchers")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=99_999_999),
                name="voucher_number_range",
                violation_error_message=_("Voucher numbers have at most eight digits and begin at 1."),
            )
        ]
        triggers = audit.append_only("payments_voucher")

    def __str__(self) -> str:
        return f"{self.region_id}-{self.benefit_year}-{self.number:08d}"

    @property
    def benefit_year(self) -> int:
        """The year that the key carries."""
        return self.pk // 10**12


class VoucherCancellation(models.Model):
    """A voucher that no longer counts, because its money went back; the paper is marked from then on (append-only)."""

    class Reason(models.TextChoices):
        REFUNDED = "REFUNDED", _("refunded")
        REVERSED = "REVERSED", _("taken back")

    voucher_id = models.BigIntegerField(_("payment"), primary_key=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices)
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    cancelled_by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(_("cancelled at"))

    class Meta:
        verbose_name = _("cancelled voucher")
        verbose_name_plural = _("cancelled vouchers")
        ordering = ["voucher_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["REFUNDED", "REVERSED"]),
                name="voucher_cancellation_reason_known",
                violation_error_message=_("There is no such reason for cancelling a voucher."),
            )
        ]
        triggers = audit.append_only("payments_vouchercancellation")

    def __str__(self) -> str:
        return str(self.pk)


class VoucherPrint(models.Model):
    """A voucher printed on paper at the hall, for whom, after which document was looked at (append-only)."""

    voucher_id = models.BigIntegerField(_("payment"))
    nth = models.PositiveSmallIntegerField(_("print"))
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    id_type = models.CharField(
        _("document"), max_length=6, choices=[(code, name.zh) for code, name in CERT_TYPES.items()]
    )
    collector = models.CharField(_("collected by"), max_length=80, blank=True)
    printed_by = models.ForeignKey(
        User, verbose_name=_("printed by"), on_delete=models.PROTECT, related_name="+"
    )
    printed_at = models.DateTimeField(_("printed at"))

    class Meta:
        verbose_name = _("printed voucher")
        verbose_name_plural = _("printed vouchers")
        ordering = ["voucher_id", "nth"]
        constraints = [
            models.UniqueConstraint(fields=["voucher_id", "nth"], name="voucher_print_once"),
            models.CheckConstraint(
                condition=Q(nth__gte=1, nth__lte=999),
                name="voucher_print_range",
                violation_error_message=_("A voucher is printed at most 999 times."),
            ),
        ]
        triggers = audit.append_only("payments_voucherprint")

    def __str__(self) -> str:
        return f"{self.voucher_id} {self.nth}"


class VoucherBatch(models.Model):
    """Vouchers of a range of numbers printed into files by one task, which may be stopped and resumed."""

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    first = models.PositiveIntegerField(_("from number"))
    last = models.PositiveIntegerField(_("to number"))
    reached = models.PositiveIntegerField(_("done up to number"))
    printed = models.PositiveIntegerField(_("printed"), default=0)
    left_out = models.PositiveIntegerField(_("cancelled ones left out"), default=0)
    unprintable = models.JSONField(_("not printed"), default=list, blank=True)
    address = models.CharField(_("address for verification"), max_length=200)
    state = models.CharField(
        _("state"),
        max_length=7,
        choices=[
            (VoucherBatchState.QUEUED.value, _("queued")),
            (VoucherBatchState.RUNNING.value, _("running")),
            (VoucherBatchState.STOPPED.value, _("stopped")),
            (VoucherBatchState.DONE.value, _("done")),
            (VoucherBatchState.PARKED.value, _("parked")),
        ],
        default=VoucherBatchState.QUEUED.value,
    )
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch of vouchers")
        verbose_name_plural = _("batches of vouchers")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=F("first"), last__lt=F("first") + MOST_IN_A_BATCH),
                name="voucher_batch_range",
                violation_error_message=_("A batch has between 1 and 50,000 vouchers."),
            ),
            models.CheckConstraint(
                condition=Q(reached__gte=F("first") - 1, reached__lte=F("last")),
                name="voucher_batch_reached",
                violation_error_message=_("A batch is done up to one of its own numbers."),
            ),
            models.CheckConstraint(
                condition=Q(state="DONE", reached=F("last"), finished_at__isnull=False)
                | (~Q(state="DONE") & Q(finished_at__isnull=True)),
                name="voucher_batch_end_evidence",
                violation_error_message=_("A batch that is done says when."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in VoucherBatchState]),
                name="voucher_batch_state_known",
                violation_error_message=_("There is no such state of a batch of vouchers."),
            ),
        ]
        triggers = [audit.moves_guard("payments_voucherbatch", VOUCHER_BATCH_MOVES)]

    def __str__(self) -> str:
        return f"{self.region_id}-{self.benefit_year} {self.first}–{self.last}"


class VoucherPart(models.Model):
    """A file of a batch: consecutive numbers in one PDF (append-only)."""

    batch = models.ForeignKey(
        VoucherBatch, verbose_name=_("batch"), on_delete=models.PROTECT, related_name="parts"
    )
    first = models.PositiveIntegerField(_("from number"))
    last = models.PositiveIntegerField(_("to number"))
    pages = models.PositiveIntegerField(_("number of pages"))
    stored_as = models.CharField(_("stored as"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("file of vouchers")
        verbose_name_plural = _("files of vouchers")
        ordering = ["batch", "first"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "first"], name="voucher_part_once"),
            models.UniqueConstraint(fields=["stored_as"], name="voucher_part_stored_once"),
        ]
        triggers = audit.append_only("payments_voucherpart")

    def __str__(self) -> str:
        return f"{self.batch_id} {self.first}"


class VoucherLease(models.Model):
    """Which worker prints a batch now, by the database's clock. Bookkeeping of work, not a fact: it has no history."""

    batch = models.OneToOneField(
        VoucherBatch,
        primary_key=True,
        on_delete=models.CASCADE,  # goes with its batch: it says who works on it
        related_name="lease",
    )
    token = models.UUIDField(null=True, blank=True)
    backend_pid = models.IntegerField(null=True, blank=True)
    backend_start = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("lease on a batch of vouchers")
        verbose_name_plural = _("leases on batches of vouchers")

    def __str__(self) -> str:
        return str(self.pk)


audit.track(VoucherBatch)
