"""Retry rules with what every bank starts with (design: bank-files 8.4), cleared debits, swaps of payments."""

import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from bureau import audit

TRIES = 3
RULES = {
    "NO_FUNDS": "TRY_AGAIN",
    "LIMIT": "TRY_AGAIN",
    "BANK_SYS": "TRY_AGAIN",
    "NO_ACCOUNT": "NEW_ACCOUNT",
    "CLOSED": "NEW_ACCOUNT",
    "ACCT_TYPE": "NEW_ACCOUNT",
    "NAME_MISMATCH": "NEW_ACCOUNT",
    "ID_MISMATCH": "NEW_ACCOUNT",
    "NO_MANDATE": "NEW_ACCOUNT",
    "MANDATE_OFF": "STOP",
    "BLOCKED": "ASK_BANK",
    "DORMANT": "ASK_BANK",
    "STOPPED": "ASK_BANK",
    "AMOUNT": "LOOK",
    "DUP": "LOOK",
    "DECEASED": "LOOK",
    "FORMAT": "LOOK",
    "REVERSED": "LOOK",
    "OTHER": "LOOK",
}
"""The bank's own failures count for nobody: they never stop a mandate."""


def load(apps, schema_editor):
    """Insert what is missing; rows that are there stay as somebody may have edited them."""
    rule = apps.get_model("payments", "RetryRule")
    with audit.acting(by=None, why="payments.0011_retries_and_swaps"):
        rule.objects.bulk_create(
            [
                rule(
                    bank_id=None,
                    internal=internal,
                    action=action,
                    stop_after=TRIES if action == "TRY_AGAIN" and internal != "BANK_SYS" else None,
                )
                for internal, action in RULES.items()
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
        ('enrollment', '0009_counter'),
        ('payments', '0010_order_facts'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='RetryClearance',
            fields=[
                ('instruction_id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='failed instruction')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('cleared_at', models.DateTimeField(verbose_name='at')),
                ('cleared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retry_clearances', to='enrollment.person', verbose_name='insured')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='retry_clearance_says_why', violation_error_message='Please give a reason.')],
                'verbose_name': 'cleared debit',
                'verbose_name_plural': 'cleared debits',
                'ordering': ['-cleared_at', 'instruction_id'],
            },
        ),
        migrations.CreateModel(
            name='RetryRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('internal', models.CharField(max_length=14, verbose_name='meaning')),
                ('action', models.CharField(choices=[('TRY_AGAIN', 'try again on the next debit day'), ('NEW_ACCOUNT', 'ask for a new account'), ('ASK_BANK', 'the payer settles it with the bank'), ('LOOK', 'a person looks at it first'), ('STOP', 'stop the mandate')], max_length=12, verbose_name='what follows')),
                ('stop_after', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='stop after failures')),
                ('bank', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.bankprofile', verbose_name='bank')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('internal', 'bank'), name='retry_rule_once', nulls_distinct=False, violation_error_message='This bank has a rule for this reason already.'), models.CheckConstraint(condition=models.Q(('internal__in', ['OK', 'PENDING', 'NO_FUNDS', 'NO_ACCOUNT', 'CLOSED', 'BLOCKED', 'NAME_MISMATCH', 'ID_MISMATCH', 'NO_MANDATE', 'MANDATE_OFF', 'ACCT_TYPE', 'DORMANT', 'LIMIT', 'AMOUNT', 'DUP', 'DECEASED', 'STOPPED', 'FORMAT', 'BANK_SYS', 'REVERSED', 'OTHER'])), name='retry_rule_reason_known', violation_error_message='There is no such reason.'), models.CheckConstraint(condition=models.Q(('action__in', ['TRY_AGAIN', 'NEW_ACCOUNT', 'ASK_BANK', 'LOOK', 'STOP'])), name='retry_rule_action_known', violation_error_message='There is no such action.'), models.CheckConstraint(condition=models.Q(('stop_after__isnull', True), models.Q(('action', 'TRY_AGAIN'), ('stop_after__range', (1, 20))), _connector='OR'), name='retry_rule_limit', violation_error_message='A limit of 1 to 20 failures belongs to what is tried again.')],
                'verbose_name': 'retry rule',
                'verbose_name_plural': 'retry rules',
                'ordering': ['internal', 'bank'],
            },
        ),
        migrations.CreateModel(
            name='RetryRuleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('internal', models.CharField(max_length=14, verbose_name='meaning')),
                ('action', models.CharField(choices=[('TRY_AGAIN', 'try again on the next debit day'), ('NEW_ACCOUNT', 'ask for a new account'), ('ASK_BANK', 'the payer settles it with the bank'), ('LOOK', 'a person looks at it first'), ('STOP', 'stop the mandate')], max_length=12, verbose_name='what follows')),
                ('stop_after', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='stop after failures')),
                ('bank', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payments.bankprofile', verbose_name='bank')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.retryrule')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Swap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payment_id', models.BigIntegerField(verbose_name='payment that carried the year')),
                ('line_id', models.BigIntegerField(verbose_name='line of that payment')),
                ('duplicate_id', models.BigIntegerField(verbose_name='duplicate that carries it now')),
                ('carried_by', models.BigIntegerField(verbose_name='payment that carries the year')),
                ('swapped_at', models.DateTimeField(verbose_name='swapped at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='swaps', to='enrollment.person', verbose_name='insured')),
                ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.proposal', verbose_name='proposal')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('payment_id',), name='swap_payment_once', violation_error_message='This payment was swapped before.'), models.UniqueConstraint(fields=('duplicate_id',), name='swap_duplicate_once', violation_error_message='This duplicate was swapped before.'), models.UniqueConstraint(fields=('carried_by',), name='swap_carrier_once', violation_error_message='A payment comes from one swap.'), models.CheckConstraint(condition=models.Q(models.Q(('line_id', models.F('duplicate_id')), _negated=True), models.Q(('payment_id', models.F('carried_by')), _negated=True)), name='swap_of_two', violation_error_message='A swap is between two payments.')],
                'verbose_name': 'swap of payments',
                'verbose_name_plural': 'swaps of payments',
                'ordering': ['id'],
            },
        )]),
        bureau.triggers.ChangeTriggers(
            operations=[
                pgtrigger.migrations.AddTrigger(
                    model_name='retryclearance',
                    trigger=pgtrigger.compiler.Trigger(name='payments_retryclearance_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_retryclearance is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_retryclearance';", hash='f1f84d27c219beaf776df53dcb8783ad26689fe7', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_retryclearance_no_change_fa3bb', table='payments_retryclearance', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='retryclearance',
                    trigger=pgtrigger.compiler.Trigger(name='payments_retryclearance_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_retryclearance is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_retryclearance';", hash='1e81a1aed398cf638cab3816c6f473f55d02d7fe', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_retryclearance_no_truncate_72bd2', table='payments_retryclearance', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='retryrule',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_retryruleevent" ("action", "bank_id", "id", "internal", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stop_after") SELECT new_values."action", new_values."bank_id", new_values."id", new_values."internal", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."stop_after" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8dc23e431e8fd04c157fe2902fd8dc8cd632c7a5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_9e164', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_retryrule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='retryrule',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_retryruleevent" ("action", "bank_id", "id", "internal", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stop_after") SELECT new_values."action", new_values."bank_id", new_values."id", new_values."internal", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."stop_after" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ad5c7e18c0c7f3a3fc1c9a4ac3ff75e3844ad649', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8d44e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_retryrule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='retryrule',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_retryruleevent" ("action", "bank_id", "id", "internal", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stop_after") SELECT old_values."action", old_values."bank_id", old_values."id", old_values."internal", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."stop_after" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2bea7f8f0b2dba171535d2be8a59a5c247f0820f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_69fb7', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_retryrule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='retryruleevent',
                    trigger=pgtrigger.compiler.Trigger(name='payments_retryruleevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_retryruleevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_retryruleevent';", hash='8d1427b403aef62a044a2c714f4607784ee0ffb0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_retryruleevent_no_truncate_11a3f', table='payments_retryruleevent', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='retryruleevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='667a39f46647ad2674ee45c7164b2b1ca9fcb226', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7e718', table='payments_retryruleevent', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='swap',
                    trigger=pgtrigger.compiler.Trigger(name='payments_swap_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_swap is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_swap';", hash='cc5fec760e26ac210a173254e2cbb4a64b2a1b11', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_swap_no_change_bf598', table='payments_swap', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='swap',
                    trigger=pgtrigger.compiler.Trigger(name='payments_swap_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_swap is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_swap';", hash='069151cd806453368772233436fbb475abab078a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_swap_no_truncate_5a473', table='payments_swap', when='BEFORE')),
                ),
            ],
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
