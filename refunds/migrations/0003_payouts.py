import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
        ('payments', '0012_settlement'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('refunds', '0002_limits'),
    ]

    operations = [
        migrations.CreateModel(
            name='PayoutBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('route', models.CharField(choices=[('TREASURY', 'from the treasury'), ('FUND_ACCOUNT', 'from the fund account'), ('ORIGINAL_PATH', 'taken back by the channel')], max_length=13, verbose_name='route')),
                ('layout', models.CharField(choices=[('E', 'layout E (text)'), ('PAIN_03', 'pain.001.001.03'), ('PAIN_09', 'pain.001.001.09'), ('TREASURY', 'list for the treasury')], max_length=8, verbose_name='layout')),
                ('day', models.DateField(verbose_name='day')),
                ('number', models.PositiveSmallIntegerField(verbose_name='batch number')),
                ('lines', models.PositiveIntegerField(verbose_name='lines')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('digest', models.CharField(max_length=64, verbose_name='digest (SM3)')),
                ('left_out', models.JSONField(default=dict, verbose_name='left out')),
                ('state', models.CharField(choices=[('FROZEN', 'frozen'), ('RELEASED', 'released'), ('DROPPED', 'dropped')], default='FROZEN', max_length=10, verbose_name='state')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='reason given')),
                ('bank', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.bankprofile', verbose_name='bank')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
            ],
            options={
                'verbose_name': 'payout batch',
                'verbose_name_plural': 'payout batches',
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='refunds_payoutbatch_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'FROZEN\', \'DROPPED\'), (\'FROZEN\', \'RELEASED\')) THEN RAISE EXCEPTION \'refunds_payoutbatch: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'refunds_payoutbatch\'; END IF; RETURN NEW;', hash='af5a2d2b3824d63ba1837f5c58918820db2a4bf4', operation='UPDATE OF "state"', pgid='pgtrigger_refunds_payoutbatch_moves_d0331', table='refunds_payoutbatch', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "refunds_payoutbatchevent" ("amount", "bank_id", "day", "digest", "id", "layout", "left_out", "lines", "made_at", "made_by_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "released_at", "released_by_id", "route", "state", "words") SELECT new_values."amount", new_values."bank_id", new_values."day", new_values."digest", new_values."id", new_values."layout", new_values."left_out", new_values."lines", new_values."made_at", new_values."made_by_id", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."region_id", new_values."released_at", new_values."released_by_id", new_values."route", new_values."state", new_values."words" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='86e879e921fe195d2ffbdbbf780f6d459eb9141b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_3de0c', referencing='REFERENCING NEW TABLE AS new_values ', table='refunds_payoutbatch', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "refunds_payoutbatchevent" ("amount", "bank_id", "day", "digest", "id", "layout", "left_out", "lines", "made_at", "made_by_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "released_at", "released_by_id", "route", "state", "words") SELECT new_values."amount", new_values."bank_id", new_values."day", new_values."digest", new_values."id", new_values."layout", new_values."left_out", new_values."lines", new_values."made_at", new_values."made_by_id", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."region_id", new_values."released_at", new_values."released_by_id", new_values."route", new_values."state", new_values."words" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='efbbc39dc31d6fcfafce774d96194876cc7768c4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1d0eb', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='refunds_payoutbatch', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "refunds_payoutbatchevent" ("amount", "bank_id", "day", "digest", "id", "layout", "left_out", "lines", "made_at", "made_by_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "released_at", "released_by_id", "route", "state", "words") SELECT old_values."amount", old_values."bank_id", old_values."day", old_values."digest", old_values."id", old_values."layout", old_values."left_out", old_values."lines", old_values."made_at", old_values."made_by_id", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."region_id", old_values."released_at", old_values."released_by_id", old_values."route", old_values."state", old_values."words" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2aa5790572f98913e550fd7550f551ec761ece29', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_43903', referencing='REFERENCING OLD TABLE AS old_values ', table='refunds_payoutbatch', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PayoutBatchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('route', models.CharField(choices=[('TREASURY', 'from the treasury'), ('FUND_ACCOUNT', 'from the fund account'), ('ORIGINAL_PATH', 'taken back by the channel')], max_length=13, verbose_name='route')),
                ('layout', models.CharField(choices=[('E', 'layout E (text)'), ('PAIN_03', 'pain.001.001.03'), ('PAIN_09', 'pain.001.001.09'), ('TREASURY', 'list for the treasury')], max_length=8, verbose_name='layout')),
                ('day', models.DateField(verbose_name='day')),
                ('number', models.PositiveSmallIntegerField(verbose_name='batch number')),
                ('lines', models.PositiveIntegerField(verbose_name='lines')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('digest', models.CharField(max_length=64, verbose_name='digest (SM3)')),
                ('left_out', models.JSONField(default=dict, verbose_name='left out')),
                ('state', models.CharField(choices=[('FROZEN', 'frozen'), ('RELEASED', 'released'), ('DROPPED', 'dropped')], default='FROZEN', max_length=10, verbose_name='state')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='reason given')),
                ('bank', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payments.bankprofile', verbose_name='bank')),
                ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='refunds.payoutbatch')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
                ('released_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='refunds_payoutbatchevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'refunds_payoutbatchevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'refunds_payoutbatchevent';", hash='dfa1f1c15b2264361bf1b9e2bea5798ad9e8c77a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refunds_payoutbatchevent_no_truncate_ed82c', table='refunds_payoutbatchevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8c84e7d9f56166a9d1742aa394fbcc41ef2f7d1b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_da0dc', table='refunds_payoutbatchevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PayoutFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file name')),
                ('stored_as', models.CharField(max_length=100)),
                ('size', models.BigIntegerField(verbose_name='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('state', models.CharField(choices=[('HELD', 'held'), ('APPLIED', 'applied'), ('REJECTED', 'rejected')], max_length=8, verbose_name='state')),
                ('reasons', models.JSONField(blank=True, default=list, verbose_name='reasons')),
                ('report', models.JSONField(blank=True, default=dict, verbose_name='report')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='refunds.payoutbatch', verbose_name='payout batch')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'payout answer file',
                'verbose_name_plural': 'payout answer files',
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='refunds_payoutfile_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'HELD\', \'APPLIED\'), (\'HELD\', \'REJECTED\')) THEN RAISE EXCEPTION \'refunds_payoutfile: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'refunds_payoutfile\'; END IF; RETURN NEW;', hash='0c224b79cdf11b959eb0395a00781c4496a6836b', operation='UPDATE OF "state"', pgid='pgtrigger_refunds_payoutfile_moves_59b5e', table='refunds_payoutfile', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "refunds_payoutfileevent" ("batch_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons", "region_id", "released_at", "released_by_id", "report", "sha256", "size", "state", "stored_as", "uploaded_at", "uploaded_by_id") SELECT new_values."batch_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reasons", new_values."region_id", new_values."released_at", new_values."released_by_id", new_values."report", new_values."sha256", new_values."size", new_values."state", new_values."stored_as", new_values."uploaded_at", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5915487c0c063a351ae63a1530f1d0a284a0804f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4e204', referencing='REFERENCING NEW TABLE AS new_values ', table='refunds_payoutfile', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "refunds_payoutfileevent" ("batch_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons", "region_id", "released_at", "released_by_id", "report", "sha256", "size", "state", "stored_as", "uploaded_at", "uploaded_by_id") SELECT new_values."batch_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reasons", new_values."region_id", new_values."released_at", new_values."released_by_id", new_values."report", new_values."sha256", new_values."size", new_values."state", new_values."stored_as", new_values."uploaded_at", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='18f9489087424ce6cf84c3fbeb1fd9fcf0195c3e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0c20d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='refunds_payoutfile', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "refunds_payoutfileevent" ("batch_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons", "region_id", "released_at", "released_by_id", "report", "sha256", "size", "state", "stored_as", "uploaded_at", "uploaded_by_id") SELECT old_values."batch_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reasons", old_values."region_id", old_values."released_at", old_values."released_by_id", old_values."report", old_values."sha256", old_values."size", old_values."state", old_values."stored_as", old_values."uploaded_at", old_values."uploaded_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cbf94058eabbb5daeff14f5c3403be89baeab8e8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3a7d4', referencing='REFERENCING OLD TABLE AS old_values ', table='refunds_payoutfile', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PayoutFileEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=200, verbose_name='file name')),
                ('stored_as', models.CharField(max_length=100)),
                ('size', models.BigIntegerField(verbose_name='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('state', models.CharField(choices=[('HELD', 'held'), ('APPLIED', 'applied'), ('REJECTED', 'rejected')], max_length=8, verbose_name='state')),
                ('reasons', models.JSONField(blank=True, default=list, verbose_name='reasons')),
                ('report', models.JSONField(blank=True, default=dict, verbose_name='report')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('batch', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='refunds.payoutbatch', verbose_name='payout batch')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='refunds.payoutfile')),
                ('region', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
                ('released_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
                ('uploaded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='refunds_payoutfileevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'refunds_payoutfileevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'refunds_payoutfileevent';", hash='d9be56e409eef6d1b1c8a76089d21292328a787d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refunds_payoutfileevent_no_truncate_272c2', table='refunds_payoutfileevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0db24411b95f826997bbd20f6aa7666cff2c883f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8c306', table='refunds_payoutfileevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PayoutLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField(verbose_name='line')),
                ('nth', models.PositiveSmallIntegerField(verbose_name='try')),
                ('ref', models.CharField(max_length=24, verbose_name='refund number')),
                ('account', models.CharField(max_length=32, verbose_name='account')),
                ('holder', models.CharField(max_length=120, verbose_name='account holder')),
                ('bank_name', models.CharField(blank=True, max_length=80, verbose_name='opening bank')),
                ('cnaps', models.CharField(blank=True, max_length=12, verbose_name='opening bank code')),
                ('tax_number', models.CharField(blank=True, max_length=40, verbose_name='tax voucher number')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='refunds.payoutbatch', verbose_name='payout batch')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='refunds.refundcase', verbose_name='refund case')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region')),
            ],
            options={
                'verbose_name': 'payout',
                'verbose_name_plural': 'payouts',
                'ordering': ['batch', 'seq'],
                'triggers': [pgtrigger.compiler.Trigger(name='refunds_payoutline_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'refunds_payoutline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'refunds_payoutline';", hash='86e89a9556631696f689168db5815b3b027af41e', operation='UPDATE OR DELETE', pgid='pgtrigger_refunds_payoutline_no_change_fbfca', table='refunds_payoutline', when='BEFORE')), pgtrigger.compiler.Trigger(name='refunds_payoutline_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'refunds_payoutline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'refunds_payoutline';", hash='02514eb855b389445a9b31f8ad98b929f6852693', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refunds_payoutline_no_truncate_5feb5', table='refunds_payoutline', when='BEFORE')), pgtrigger.compiler.Trigger(name='payoutline_one_at_a_time', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF EXISTS (SELECT FROM refunds_payoutline l JOIN refunds_payoutbatch b ON b.id = l.batch_id WHERE l.case_id = NEW.case_id AND b.state <> 'DROPPED' AND NOT EXISTS (SELECT FROM refunds_payoutanswer a WHERE a.payout_id = l.id AND a.outcome IN ('FAILED', 'RETURNED'))) THEN RAISE EXCEPTION 'case % has a payout that did not fail', NEW.case_id USING ERRCODE = 'BU005', CONSTRAINT = 'payout_one_at_a_time'; END IF; RETURN NEW;", hash='bd7c484020a3d6c4f4aefb1e2a8fb1ad93de836e', operation='INSERT', pgid='pgtrigger_payoutline_one_at_a_time_00e26', table='refunds_payoutline', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PayoutAnswer',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('outcome', models.CharField(choices=[('PAID', 'paid out'), ('FAILED', 'failed'), ('PENDING', 'no final answer'), ('RETURNED', 'came back after it was paid'), ('STRANGE', 'belongs to nothing of ours, or contradicts')], max_length=8, verbose_name='outcome')),
                ('code', models.CharField(blank=True, max_length=10, verbose_name='result code')),
                ('internal', models.CharField(blank=True, max_length=14, verbose_name='meaning')),
                ('text', models.CharField(blank=True, max_length=200, verbose_name="the bank's words")),
                ('bank_key', models.CharField(blank=True, max_length=3, verbose_name='bank')),
                ('serial', models.CharField(blank=True, max_length=40, verbose_name='bank serial')),
                ('paid', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='paid')),
                ('paid_on', models.DateField(blank=True, null=True, verbose_name='paid on')),
                ('reason', models.CharField(blank=True, max_length=24, verbose_name='reason')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region')),
                ('payout', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='refunds.payoutline', verbose_name='payout')),
            ],
            options={
                'verbose_name': 'answer to a payout',
                'verbose_name_plural': 'answers to payouts',
                'ordering': ['id'],
                'triggers': [pgtrigger.compiler.Trigger(name='refunds_payoutanswer_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'refunds_payoutanswer is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'refunds_payoutanswer';", hash='db56170f60bd17f469bb41ea85ce1869d9c30d7a', operation='UPDATE OR DELETE', pgid='pgtrigger_refunds_payoutanswer_no_change_69fb6', table='refunds_payoutanswer', when='BEFORE')), pgtrigger.compiler.Trigger(name='refunds_payoutanswer_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'refunds_payoutanswer is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'refunds_payoutanswer';", hash='6fdaa45f2fd44589406cc7b4e451439819c4d679', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refunds_payoutanswer_no_truncate_4c46e', table='refunds_payoutanswer', when='BEFORE'))],
            },
        ),
        migrations.AddIndex(
            model_name='payoutbatch',
            index=models.Index(fields=['region', '-id'], name='payout_region_page'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.UniqueConstraint(fields=('route', 'region', 'bank', 'day', 'number'), name='payout_number_once', nulls_distinct=False, violation_error_message='Somebody else has just made a batch; look at the list again.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 9999)), name='payout_number_range', violation_error_message='Batches of a day are numbered from 1 to 9999.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('lines__gte', 1)), name='payout_not_empty', violation_error_message='An empty batch is none.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='payout_digest_format', violation_error_message='A batch is frozen with the digest of its file.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bank__isnull', False), ('layout__in', ['E', 'PAIN_03', 'PAIN_09']), ('route', 'FUND_ACCOUNT')), models.Q(('bank__isnull', True), ('layout', 'TREASURY'), ('route', 'TREASURY')), _connector='OR'), name='payout_route_layout', violation_error_message='A bank pays from the fund account, the treasury by its list.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('released_by__isnull', True), models.Q(('released_by', models.F('made_by')), _negated=True), _connector='OR'), name='payout_second_person', violation_error_message='Nobody releases a batch they made.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', False), ('released_by__isnull', False), ('state', 'RELEASED')), models.Q(models.Q(('state', 'RELEASED'), _negated=True), ('released_at__isnull', True), ('released_by__isnull', True)), _connector='OR'), name='payout_release_evidence', violation_error_message='A released batch, and only that, says who released it and when.'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['FROZEN', 'RELEASED', 'DROPPED'])), name='payout_state_known'),
        ),
        migrations.AddIndex(
            model_name='payoutfile',
            index=models.Index(fields=['region', '-id'], name='payoutfile_region_page'),
        ),
        migrations.AddConstraint(
            model_name='payoutfile',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'REJECTED'), _negated=True), fields=('sha256',), name='payoutfile_bytes_once', violation_error_message='These bytes were already received.'),
        ),
        migrations.AddConstraint(
            model_name='payoutfile',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'REJECTED'), models.Q(('batch__isnull', False), ('region__isnull', False)), _connector='OR'), name='payoutfile_batch_evidence', violation_error_message='An answer belongs to a batch.'),
        ),
        migrations.AddConstraint(
            model_name='payoutfile',
            constraint=models.CheckConstraint(condition=models.Q(('released_by__isnull', True), models.Q(('released_by', models.F('uploaded_by')), _negated=True), _connector='OR'), name='payoutfile_second_person', violation_error_message='Nobody releases a file they uploaded.'),
        ),
        migrations.AddConstraint(
            model_name='payoutfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True)), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='payoutfile_release_evidence', violation_error_message='A released file says who released it and when.'),
        ),
        migrations.AddConstraint(
            model_name='payoutfile',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['HELD', 'APPLIED', 'REJECTED'])), name='payoutfile_state_known'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.UniqueConstraint(fields=('batch', 'seq'), name='payout_line_once', violation_error_message='A line stands once in a batch.'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.UniqueConstraint(fields=('case', 'nth'), name='payout_try_once', violation_error_message='Another batch has taken this case already.'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.UniqueConstraint(fields=('ref',), name='payout_ref_once', violation_error_message='A refund number is used once.'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99')), name='payout_line_range', violation_error_message='An amount is between 0.01 and 9,999,999,999.99 yuan.'),
        ),
        migrations.AddConstraint(
            model_name='payoutanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome__in', ['PAID', 'FAILED', 'RETURNED'])), fields=('payout', 'outcome'), name='payout_answer_once', violation_error_message='A payout is answered finally once.'),
        ),
        migrations.AddConstraint(
            model_name='payoutanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', 'PAID'), models.Q(('serial', ''), _negated=True)), fields=('bank_key', 'serial'), name='payout_serial_once', violation_error_message='This bank serial paid another refund.'),
        ),
        migrations.AddConstraint(
            model_name='payoutanswer',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', 'STRANGE'), ('payout__isnull', False), _connector='OR'), name='payout_answer_line', violation_error_message='An answer belongs to a payout.'),
        ),
        migrations.AddConstraint(
            model_name='payoutanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'PAID'), _negated=True), models.Q(('paid__gt', 0), ('paid_on__isnull', False)), _connector='OR'), name='payout_paid_evidence', violation_error_message='Paid means an amount and a day.'),
        ),
        migrations.AddConstraint(
            model_name='payoutanswer',
            constraint=models.CheckConstraint(condition=models.Q(('paid__gte', 0), ('paid__lte', '9999999999.99')), name='payout_answer_range', violation_error_message='An amount is between 0.00 and 9,999,999,999.99 yuan.'),
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
