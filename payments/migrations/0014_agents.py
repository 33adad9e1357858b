import bureau.migrating
import bureau.triggers
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0006_leaner_keys'),
        ('bureau', '__first__'),
        ('payments', '0013_vouchers'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='VillageAgent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('village', models.CharField(max_length=80, verbose_name='village')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'village agent',
                'verbose_name_plural': 'village agents',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('code',), name='agent_code_once', violation_error_message='This code is taken.'), models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9-]{2,20}$')), name='agent_code_format', violation_error_message='A code is made of capital letters, digits and hyphens.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_villageagentevent" ("active", "code", "id", "made_at", "made_by_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "village") SELECT new_values."active", new_values."code", new_values."id", new_values."made_at", new_values."made_by_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."region_id", new_values."village" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8344fae354c58496f12c67e61a4f7c43beb1b626', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_28369', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_villageagent', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_villageagentevent" ("active", "code", "id", "made_at", "made_by_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "village") SELECT new_values."active", new_values."code", new_values."id", new_values."made_at", new_values."made_by_id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."region_id", new_values."village" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9195db0c38e9c1af54a65b53d36ad7accd7fdade', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0082d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_villageagent', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_villageagentevent" ("active", "code", "id", "made_at", "made_by_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "village") SELECT old_values."active", old_values."code", old_values."id", old_values."made_at", old_values."made_by_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."region_id", old_values."village" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='31c87009627756b43cf0e251656e02e0bbc39a02', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_4226d', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_villageagent', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ReceiptBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=8, verbose_name='receipt series')),
                ('first', models.PositiveIntegerField(verbose_name='first receipt')),
                ('last', models.PositiveIntegerField(verbose_name='last receipt')),
                ('handed_at', models.DateTimeField(verbose_name='handed out at')),
                ('handed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed out by')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='books', to='payments.villageagent', verbose_name='agent')),
            ],
            options={
                'verbose_name': 'receipt book',
                'verbose_name_plural': 'receipt books',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('first__gte', 1), ('last__gte', models.F('first')), ('last__lt', django.db.models.expressions.CombinedExpression(models.F('first'), '+', models.Value(1000))), ('last__lte', 99999999)), name='receipt_book_range', violation_error_message='A book has 1 to 1,000 receipts with numbers of at most eight digits.'), models.CheckConstraint(condition=models.Q(('series__regex', '^[A-Z0-9]{1,8}$')), name='receipt_book_series_format', violation_error_message='A series is made of capital letters and digits.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('series', '='), (models.Func('first', 'last', models.Value('[]'), function='int4range', output_field=django.contrib.postgres.fields.ranges.IntegerRangeField()), '&&')], name='receipt_book_apart', violation_error_message='Some of these numbers are in another book.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_receiptbook_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_receiptbook is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_receiptbook';", hash='2557a71c4a6da00db9103daf4ce597ade5684fa0', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_receiptbook_no_change_b3ef4', table='payments_receiptbook', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_receiptbook_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_receiptbook is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_receiptbook';", hash='ea25db7331f1105382df0f970e4b74b25e2b5a3e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_receiptbook_no_truncate_79028', table='payments_receiptbook', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CashReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=8, verbose_name='receipt series')),
                ('number', models.PositiveIntegerField(verbose_name='receipt number')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('paid_on', models.DateField(verbose_name='paid on')),
                ('spoilt', models.CharField(blank=True, max_length=200, verbose_name='why it was spoilt')),
                ('keyed_at', models.DateTimeField(verbose_name='keyed in at')),
                ('keyed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='keyed in by')),
                ('order', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cash_receipt', to='payments.order', verbose_name='order')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.receiptbook', verbose_name='receipt book')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.villageagent', verbose_name='agent')),
            ],
            options={
                'verbose_name': 'cash receipt',
                'verbose_name_plural': 'cash receipts',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', '-id'], name='cash_receipt_page')],
                'constraints': [models.UniqueConstraint(fields=('series', 'number'), name='cash_receipt_once', violation_error_message='This receipt number was used before.'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('order__isnull', False), ('spoilt', '')), models.Q(('amount', 0), ('order__isnull', True), models.Q(('spoilt', ''), _negated=True)), _connector='OR'), name='cash_receipt_evidence', violation_error_message='A receipt is for an order, or was spoilt and says why.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_cashreceipt_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_cashreceipt is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_cashreceipt';", hash='702dd74e6af1a747f73edda0857bd5a4c75d58a4', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_cashreceipt_no_change_7654a', table='payments_cashreceipt', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_cashreceipt_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_cashreceipt is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_cashreceipt';", hash='2e62810f75fbc0ffb1a50c36ba1c706923d7385e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_cashreceipt_no_truncate_7c212', table='payments_cashreceipt', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CashHandover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nth', models.PositiveIntegerField(verbose_name='hand-over')),
                ('expected', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='expected')),
                ('counted', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='counted')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('counted_at', models.DateTimeField(verbose_name='counted at')),
                ('counted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='counted by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='payments.villageagent', verbose_name='agent')),
            ],
            options={
                'verbose_name': 'hand-over of cash',
                'verbose_name_plural': 'hand-overs of cash',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('agent', 'nth'), name='cash_handover_once', violation_error_message='This hand-over was written down already.'), models.CheckConstraint(condition=models.Q(('counted__gte', 0)), name='cash_handover_amount_range', violation_error_message='Counted cash is not negative.'), models.CheckConstraint(condition=models.Q(('counted', models.F('expected')), models.Q(('note', ''), _negated=True), _connector='OR'), name='cash_handover_difference_explained', violation_error_message='Cash that is short or over needs a note.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_cashhandover_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_cashhandover is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_cashhandover';", hash='c0b461fecb8de93e6b58f0bb1fc7b4c37fab0d84', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_cashhandover_no_change_ea95b', table='payments_cashhandover', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_cashhandover_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_cashhandover is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_cashhandover';", hash='2750aa0a7009c376f65a6ec646a5f0f9acc96c44', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_cashhandover_no_truncate_94142', table='payments_cashhandover', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VillageAgentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=20, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('village', models.CharField(max_length=80, verbose_name='village')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.villageagent')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='ayments_villageagentevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_villageagentevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_villageagentevent';", hash='bb5b9f44ba1c6b078fb491f31cbb3efcb2403c55', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_ayments_villageagentevent_no_truncate_9f9db', table='payments_villageagentevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='076525aea424fa4400b6557534ab24bd1bf007c7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_06aa8', table='payments_villageagentevent', when='BEFORE'))],
            },
        )]),
        bureau.triggers.InstallTriggers(
        ),
    ]
