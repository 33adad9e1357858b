"""Habits about tables, read from the models themselves."""

from collections.abc import Iterator
from decimal import Decimal

import pghistory.models
import pgtrigger
from django.apps import apps
from django.db import models

from bureau import audit

OURS = ("bureau", "enrollment", "payments", "refunds")
FLOATS = {"payments.BankFile.seconds"}
"""Durations; everything else that is counted in parts is money."""

WITHOUT_HISTORY = {
    "bureau.ApiAnswer",
    "bureau.ApiNonce",
    "bureau.ApiRate",
    "enrollment.ListLease",
    "enrollment.ListLine",
    "payments.DayCut",
    "payments.FileLease",
    "payments.RegisterMark",
    "payments.RegisterTally",
    "payments.VoucherLease",
    "payments.VoucherSeries",
}
"""Bookkeeping of work, not facts."""

HISTORY_OF_DELETES = {"payments.Hold"}
"""Its rows are written with their instruction, never changed, and leave with history."""

INTERNAL = {
    # Keys that carry their parent, evidence that a service writes together with the state, vocabularies.
    # No form meets them: a person never sees their names.
    "aid_difference_of_payment",
    "aid_difference_once",
    "aid_difference_range",
    "answer_once",
    "apikey_once",
    "apikey_order",
    "apikey_revoke_evidence",
    "apikey_slot_range",
    "application_accepted_evidence",
    "application_decision_evidence",
    "application_number_once",
    "application_round_range",
    "application_state_known",
    "application_taken_evidence",
    "assessment_amount_adds_up",
    "assessment_key_carries_receivable",
    "attachment_digest_format",
    "attachment_not_empty",
    "attachment_stored_once",
    "attachment_stored_random",
    "attachment_type_known",
    "bank_code_format",
    "bank_debit_days_range",
    "bank_max_lines_range",
    "bankfile_applied_evidence",
    "bankfile_day_evidence",
    "bankfile_kind_known",
    "bankfile_release_evidence",
    "bankfile_state_known",
    "bankline_booked_evidence",
    "bankline_bucket_known",
    "batch_amount_range",
    "batch_days_order",
    "batch_number_once",
    "batch_number_range",
    "batch_release_evidence",
    "batch_state_known",
    "category_once",
    "change_kind_known",
    "chunk_once",
    "chunk_order",
    "chunk_state_known",
    "claim_year_range",
    "client_region_once",
    "closed_day_once",
    "daycut_amount_range",
    "daycut_once",
    "debitcase_amount_range",
    "debitcase_state_known",
    "duplicate_amount_range",
    "duplicate_instruction_once",
    "enrollment_scheme_known",
    "enrollment_state_known",
    "export_rows_not_negative",
    "hold_has_holder",
    "instruction_amount_range",
    "listfile_aid_second_person",
    "listfile_applied_evidence",
    "listfile_applied_was_confirmed",
    "listfile_confirm_evidence",
    "listfile_issuer_known",
    "listfile_kind_known",
    "listfile_state_known",
    "listfile_undone_evidence",
    "listline_moves_somebody",
    "listline_once",
    "listline_outcome_known",
    "mandate_state_known",
    "member_relation_known",
    "nonce_once",
    "order_consent_known",
    "order_consent_once",
    "order_debit_source_known",
    "payment_evidence",
    "person_class_known",
    "person_has_name",
    "policy_version_once",
    "policy_year",
    "policymove_cover_once",
    "policyrun_end_evidence",
    "policyrun_state_known",
    "price_difference_adds_up",
    "price_difference_once",
    "price_difference_range",
    "prior_cover_once",
    "prior_cover_year",
    "proposal_state_known",
    "push_has_lines",
    "push_number_once",
    "push_number_range",
    "pushanswer_line_once",
    "pushline_amount_range",
    "pushline_key_carries_batch",
    "pushline_once",
    "pushline_op_known",
    "rate_once",
    "receivable_key_carries_year",
    "result_code_once",
    "reversal_amount_range",
    "reversal_booked_line_once",
    "register_tally_once",
    "register_tally_sign",
    "register_tally_topic_known",
    "reversal_duplicate_once",
    "reversal_of_one",
    "reversal_payment_once",
    "settlement_amount_range",
    "settlement_channel_named",
    "settlement_equal_is_equal",
    "settlement_ours_evidence",
    "settlement_words_known",
    "spell_once",
    "staff_region_once",
    "tally_once",
    "tally_repeated_part",
    "void_amount_range",
    "void_of_one",
    "voucher_series_once",
    "voucher_print_once",
    "voucher_part_once",
    "voucher_part_stored_once",
    "workitem_amount_range",
    "workitem_line_once",
    "workitem_state_known",
    "workitem_taken_evidence",
    "worknote_has_text",
    "candidate_state_known",
    "payee_account_confirm_evidence",
    "payee_account_has_holder",
    "payout_state_known",
    "payoutfile_state_known",
    "refund_reason_known",
    "refund_state_known",
    "refund_step_state_known",
    "reminder_step_known",
}


def our_models() -> list[type[models.Model]]:
    """Concrete models of the project, with the tables of many-to-many relations, without history."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS
        and model._meta.managed
        and not issubclass(model, pghistory.models.Event)
    ]


def _triggers(model: type[models.Model]) -> dict[str, str]:
    """Body by name of the triggers on the model's table, whichever model (a proxy, perhaps) declares them."""
    declared = [*pgtrigger.registered(), *((model, t) for t in getattr(model._meta, "triggers", ()))]
    return {
        str(trigger.name): str(getattr(trigger, "func", "") or "")
        for owner, trigger in declared
        if owner._meta.db_table == model._meta.db_table
    }


def money_and_text(model: type[models.Model]) -> Iterator[str]:
    """Money is numeric with two places; text is never NULL; nothing is a float."""
    for field in model._meta.concrete_fields:
        name = f"{model._meta.label}.{field.name}"
        if isinstance(field, models.DecimalField) and field.decimal_places != 2:
            yield f"{name}: {field.decimal_places} decimal places"
        if isinstance(field, models.FloatField) and name not in FLOATS:
            yield f"{name}: a float"
        if isinstance(field, models.CharField | models.TextField) and field.null and not field.primary_key:
            yield f"{name}: NULL in a text"
        if isinstance(field.default, float | Decimal) and isinstance(field.default, float):
            yield f"{name}: a float as default"


def named_constraints(model: type[models.Model]) -> Iterator[str]:
    """Every uniqueness is a named constraint with a sentence for a person, or declared as internal."""
    label = model._meta.label
    if not model._meta.auto_created and model._meta.unique_together:
        yield f"{label}: unique_together has no name"
    for field in model._meta.local_concrete_fields:
        one_to_one = isinstance(field, models.OneToOneField)
        if field.unique and not field.primary_key and not one_to_one and not _inherited(model, field):
            yield f"{label}.{field.name}: unique=True has no name"
    for constraint in model._meta.constraints:
        said = constraint.violation_error_message != constraint.default_violation_error_message
        if said == (constraint.name in INTERNAL):
            yield f"{label}: {constraint.name} has {'a message and is internal' if said else 'no message'}"


def _inherited(model: type[models.Model], field: models.Field) -> bool:  # type: ignore[type-arg]
    """From a base class of Django (User.username)."""
    return any(
        base.__module__.startswith("django.") and field.name in {f.name for f in base._meta.local_fields}
        for base in model.__mro__
        if hasattr(base, "_meta")
    )


def history(model: type[models.Model]) -> Iterator[str]:
    """A table is append-only, or every change leaves a row of history."""
    label = model._meta.label
    names = set(_triggers(model))
    guarded = {name for name, body in _triggers(model).items() if audit.APPEND_ONLY_ERRCODE in body}
    if label in WITHOUT_HISTORY or guarded:
        if guarded and len(guarded) != 2:
            yield f"{label}: half a guard"
        return
    wanted = (
        {"delete_delete"}
        if label in HISTORY_OF_DELETES
        else {"insert_insert", "update_update", "delete_delete"}
    )
    if not wanted <= names:
        yield f"{label}: changes leave no history"


def states(model: type[models.Model]) -> Iterator[str]:
    """A state column has its guard of moves and its vocabulary."""
    label = model._meta.label
    if not any(field.name == "state" for field in model._meta.concrete_fields):
        return
    if not any(name.endswith("_moves") for name in _triggers(model)):
        yield f"{label}: no guard of moves"
    named = [c.name for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    if not any(name.endswith(("_state_known", "_force_evidence")) for name in named):
        yield f"{label}: any text may be a state"


def managers(model: type[models.Model]) -> Iterator[str]:
    """``objects`` hides nothing."""
    query = model._default_manager.all().query
    if query.where or query.distinct or query.is_sliced:
        yield f"{model._meta.label}: the default manager hides rows"
