import bureau.migrating
import bureau.partitions
import bureau.triggers
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models
from datetime import UTC, datetime
import pgtrigger.migrations


SINCE = datetime(2024, 9, 1, tzinfo=UTC)
# After the wording of a public notice on batch results (design: domain, end of section 6); the others in its style.
TEXTS = {
    "DEBIT_PAID": "{name}，您{year}年度城乡居民基本医疗保险费{amount}元已于{day}通过银行代扣缴费成功，请勿重复缴费。",
    "DEBIT_FAILED": "{name}，您{year}年度城乡居民基本医疗保险费{amount}元代扣未成功，原因：余额不足。请及时存足款项，或通过其他渠道自行缴费。",
    "DEBIT_ABNORMAL": "{name}，您{year}年度城乡居民基本医疗保险费{amount}元代扣未成功，原因：账户异常。请咨询开户银行，或通过其他渠道自行缴费。",
    "LAST_CHANCE": "{name}，您{year}年度城乡居民基本医疗保险费{amount}元尚未缴纳，集中缴费期将于{day}结束，逾期缴费将设待遇等待期。请尽快缴费。",
    "COVER_START": "{name}，您{year}年度城乡居民基本医疗保险待遇自{day}起享受。",
    "REFUND_PAID": "{name}，您{year}年度城乡居民基本医疗保险费{amount}元已于{day}退回，请注意查收。",
}


def bring(apps, schema_editor):
    """The first wording of each event."""
    template = apps.get_model("payments", "MessageTemplate")
    template.objects.bulk_create(
        template(event=event, version=1, text=text, made_at=SINCE) for event, text in TEXTS.items()
    )


def open_leaves(apps, schema_editor):
    """The vouchers of the years that are open already."""
    for year in bureau.partitions.open_years():
        bureau.partitions.open_year(year)


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
        ('bureau', '__first__'),
        ('enrollment', '0009_counter'),
        ('payments', '0012_settlement'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='MessageTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(choices=[('DEBIT_PAID', 'debit succeeded'), ('DEBIT_FAILED', 'debit failed, balance too low'), ('DEBIT_ABNORMAL', 'debit failed, account abnormal'), ('LAST_CHANCE', 'last chance to pay'), ('COVER_START', 'cover starts'), ('REFUND_PAID', 'refund paid')], max_length=14, verbose_name='event')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                ('text', models.CharField(max_length=300, verbose_name='text')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'wording of a message',
                'verbose_name_plural': 'wordings of messages',
                'ordering': ['event', '-version'],
                'constraints': [models.UniqueConstraint(fields=('event', 'version'), name='message_template_version_once', violation_error_message='There is another version of this wording meanwhile.'), models.CheckConstraint(condition=models.Q(('event__in', ['DEBIT_PAID', 'DEBIT_FAILED', 'DEBIT_ABNORMAL', 'LAST_CHANCE', 'COVER_START', 'REFUND_PAID'])), name='message_template_event_known', violation_error_message='There is no such event.'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='message_template_has_text', violation_error_message='A wording is not empty.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_messagetemplate_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagetemplate is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagetemplate';", hash='b8f31bfa409c96d9f21d108a1d8700b0e0f33997', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_messagetemplate_no_change_96592', table='payments_messagetemplate', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_messagetemplate_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagetemplate is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagetemplate';", hash='3d3ebfbf1620e8ff9fc829c4a7746532c97d8f67', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_messagetemplate_no_truncate_39982', table='payments_messagetemplate', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(choices=[('DEBIT_PAID', 'debit succeeded'), ('DEBIT_FAILED', 'debit failed, balance too low'), ('DEBIT_ABNORMAL', 'debit failed, account abnormal'), ('LAST_CHANCE', 'last chance to pay'), ('COVER_START', 'cover starts'), ('REFUND_PAID', 'refund paid')], max_length=14, verbose_name='event')),
                ('subject_id', models.BigIntegerField(verbose_name='subject')),
                ('text', models.CharField(max_length=500, verbose_name='text')),
                ('skipped', models.CharField(blank=True, choices=[('', 'to be sent'), ('NO_PHONE', 'no telephone'), ('OPTED_OUT', 'wants no messages')], default='', max_length=9, verbose_name='not sent because')),
                ('until', models.DateField(verbose_name='send until')),
                ('queued_at', models.DateTimeField(verbose_name='queued at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='enrollment.person', verbose_name='person')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.messagetemplate', verbose_name='wording')),
            ],
            options={
                'verbose_name': 'text message',
                'verbose_name_plural': 'text messages',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', 'id'], name='message_region_page')],
                'constraints': [models.UniqueConstraint(fields=('event', 'subject_id'), name='message_once', violation_error_message='This was told already.'), models.CheckConstraint(condition=models.Q(('event__in', ['DEBIT_PAID', 'DEBIT_FAILED', 'DEBIT_ABNORMAL', 'LAST_CHANCE', 'COVER_START', 'REFUND_PAID'])), name='message_event_known', violation_error_message='There is no such event.'), models.CheckConstraint(condition=models.Q(('skipped__in', ['', 'NO_PHONE', 'OPTED_OUT'])), name='message_skipped_known', violation_error_message='There is no such reason.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_message_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_message is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_message';", hash='2387aa534ad244f986c6ce75f63e928cd71888b9', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_message_no_change_21f8f', table='payments_message', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_message_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_message is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_message';", hash='46390f3b11dd050923cf180242b9db29bd1d8666', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_message_no_truncate_ad547', table='payments_message', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VoucherBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('benefit_year', models.PositiveSmallIntegerField(verbose_name='benefit year')),
                ('first', models.PositiveIntegerField(verbose_name='from number')),
                ('last', models.PositiveIntegerField(verbose_name='to number')),
                ('reached', models.PositiveIntegerField(verbose_name='done up to number')),
                ('printed', models.PositiveIntegerField(default=0, verbose_name='printed')),
                ('left_out', models.PositiveIntegerField(default=0, verbose_name='cancelled ones left out')),
                ('unprintable', models.JSONField(blank=True, default=list, verbose_name='not printed')),
                ('address', models.CharField(max_length=200, verbose_name='address for verification')),
                ('state', models.CharField(choices=[('QUEUED', 'queued'), ('RUNNING', 'running'), ('STOPPED', 'stopped'), ('DONE', 'done'), ('PARKED', 'parked')], default='QUEUED', max_length=7, verbose_name='state')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'batch of vouchers',
                'verbose_name_plural': 'batches of vouchers',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('first__gte', 1), ('last__gte', models.F('first')), ('last__lt', django.db.models.expressions.CombinedExpression(models.F('first'), '+', models.Value(50000)))), name='voucher_batch_range', violation_error_message='A batch has between 1 and 50,000 vouchers.'), models.CheckConstraint(condition=models.Q(('reached__gte', django.db.models.expressions.CombinedExpression(models.F('first'), '-', models.Value(1))), ('reached__lte', models.F('last'))), name='voucher_batch_reached', violation_error_message='A batch is done up to one of its own numbers.'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('reached', models.F('last')), ('state', 'DONE')), models.Q(models.Q(('state', 'DONE'), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='voucher_batch_end_evidence', violation_error_message='A batch that is done says when.'), models.CheckConstraint(condition=models.Q(('state__in', ['QUEUED', 'RUNNING', 'STOPPED', 'DONE', 'PARKED'])), name='voucher_batch_state_known', violation_error_message='There is no such state of a batch of vouchers.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_voucherbatch_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'PARKED\', \'QUEUED\'), (\'QUEUED\', \'RUNNING\'), (\'QUEUED\', \'STOPPED\'), (\'RUNNING\', \'DONE\'), (\'RUNNING\', \'PARKED\'), (\'RUNNING\', \'STOPPED\'), (\'STOPPED\', \'QUEUED\')) THEN RAISE EXCEPTION \'payments_voucherbatch: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'payments_voucherbatch\'; END IF; RETURN NEW;', hash='ff50a4dedacbf27740c6e93e2c96f825efcf83d8', operation='UPDATE OF "state"', pgid='pgtrigger_payments_voucherbatch_moves_4ecdc', table='payments_voucherbatch', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_voucherbatchevent" ("address", "benefit_year", "finished_at", "first", "id", "last", "left_out", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "printed", "reached", "region_id", "state", "unprintable") SELECT new_values."address", new_values."benefit_year", new_values."finished_at", new_values."first", new_values."id", new_values."last", new_values."left_out", new_values."made_at", new_values."made_by_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."printed", new_values."reached", new_values."region_id", new_values."state", new_values."unprintable" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dba5a516a6716b5b2553f5f5f3d6af21d13c1654', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_bf0ac', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_voucherbatch', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_voucherbatchevent" ("address", "benefit_year", "finished_at", "first", "id", "last", "left_out", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "printed", "reached", "region_id", "state", "unprintable") SELECT new_values."address", new_values."benefit_year", new_values."finished_at", new_values."first", new_values."id", new_values."last", new_values."left_out", new_values."made_at", new_values."made_by_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."printed", new_values."reached", new_values."region_id", new_values."state", new_values."unprintable" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9977262653539216a789a13037d43723756fded5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_290a0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_voucherbatch', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_voucherbatchevent" ("address", "benefit_year", "finished_at", "first", "id", "last", "left_out", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "printed", "reached", "region_id", "state", "unprintable") SELECT old_values."address", old_values."benefit_year", old_values."finished_at", old_values."first", old_values."id", old_values."last", old_values."left_out", old_values."made_at", old_values."made_by_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."printed", old_values."reached", old_values."region_id", old_values."state", old_values."unprintable" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='41ed2a9ab84cf887589dcb1a6f6b10c1f263d427', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_1fa99', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_voucherbatch', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='MessageFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('messages', models.PositiveIntegerField(verbose_name='text messages')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'file for the SMS gateway',
                'verbose_name_plural': 'files for the SMS gateway',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('messages__gte', 1)), name='message_file_not_empty', violation_error_message='A file has at least one message.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_messagefile_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagefile is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagefile';", hash='0d99c41d65349e34c41c78ec900a142d978b2f4f', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_messagefile_no_change_35764', table='payments_messagefile', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_messagefile_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagefile is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagefile';", hash='77444a0f599e484f496d6c8e679bf8c51f048bfd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_messagefile_no_truncate_c3678', table='payments_messagefile', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='MessageSending',
            fields=[
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='sending', serialize=False, to='payments.message')),
                ('phone', models.CharField(max_length=20, verbose_name='telephone')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sendings', to='payments.messagefile')),
            ],
            options={
                'verbose_name': 'message in a file',
                'verbose_name_plural': 'messages in files',
                'constraints': [models.CheckConstraint(condition=models.Q(('phone', ''), _negated=True), name='message_sending_has_phone', violation_error_message='A message goes to a number.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_messagesending_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagesending is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagesending';", hash='a01ea4f989328bc24052ba30a330d8287ef13ec9', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_messagesending_no_change_eb255', table='payments_messagesending', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_messagesending_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagesending is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagesending';", hash='868080d516683be1d88f41fb8cea26a522f3218c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_messagesending_no_truncate_cd2f1', table='payments_messagesending', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='MessageOptOut',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='message_opt_out', serialize=False, to='enrollment.person', verbose_name='person')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'wants no messages',
                'verbose_name_plural': 'want no messages',
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_messageoptoutevent" ("noted_by_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since") SELECT new_values."noted_by_id", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."person_id", new_values."since" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5ff5ee038db44799a8a014213b278daebb88e48d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2bf63', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_messageoptout', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_messageoptoutevent" ("noted_by_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since") SELECT new_values."noted_by_id", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."person_id", new_values."since" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."person_id") = (new_values."person_id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1a7d43c9ad3b85a5387413ff93d3326b64494d2f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d69bf', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_messageoptout', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_messageoptoutevent" ("noted_by_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since") SELECT old_values."noted_by_id", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."person_id", old_values."since" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b3afdac454d8a29674c06c9270bf37129497bbba', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6f62c', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_messageoptout', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='MessageOptOutEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('noted_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='enrollment.person', verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.messageoptout')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='yments_messageoptoutevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messageoptoutevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messageoptoutevent';", hash='1e32a8c8e8f15aecb880a0fbb10768cadc302f6b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_yments_messageoptoutevent_no_truncate_f48cf', table='payments_messageoptoutevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5feb6ab322b5526ae190b0e14497bc47022d4b52', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2bd99', table='payments_messageoptoutevent', when='BEFORE'))],
            },
        ),
        bureau.partitions.CreatePartitionedModel(
            name='Voucher',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='payment')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('region', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'payment voucher',
                'verbose_name_plural': 'payment vouchers',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 99999999)), name='voucher_number_range', violation_error_message='Voucher numbers have at most eight digits and begin at 1.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_voucher_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucher is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucher';", hash='3dcf261f2951115da70c660705a7e45347b5093d', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_voucher_no_change_8b775', table='payments_voucher', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_voucher_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucher is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucher';", hash='b466922ac4a753801f267d30e5d48488e285c4e8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_voucher_no_truncate_08043', table='payments_voucher', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VoucherLease',
            fields=[
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lease', serialize=False, to='payments.voucherbatch')),
                ('token', models.UUIDField(blank=True, null=True)),
                ('backend_pid', models.IntegerField(blank=True, null=True)),
                ('backend_start', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
            ],
            options={
                'verbose_name': 'lease on a batch of vouchers',
                'verbose_name_plural': 'leases on batches of vouchers',
            },
        ),
        migrations.CreateModel(
            name='VoucherBatchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('benefit_year', models.PositiveSmallIntegerField(verbose_name='benefit year')),
                ('first', models.PositiveIntegerField(verbose_name='from number')),
                ('last', models.PositiveIntegerField(verbose_name='to number')),
                ('reached', models.PositiveIntegerField(verbose_name='done up to number')),
                ('printed', models.PositiveIntegerField(default=0, verbose_name='printed')),
                ('left_out', models.PositiveIntegerField(default=0, verbose_name='cancelled ones left out')),
                ('unprintable', models.JSONField(blank=True, default=list, verbose_name='not printed')),
                ('address', models.CharField(max_length=200, verbose_name='address for verification')),
                ('state', models.CharField(choices=[('QUEUED', 'queued'), ('RUNNING', 'running'), ('STOPPED', 'stopped'), ('DONE', 'done'), ('PARKED', 'parked')], default='QUEUED', max_length=7, verbose_name='state')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.voucherbatch')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='ayments_voucherbatchevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucherbatchevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucherbatchevent';", hash='db0eb9631d84efb17b510f25029b409cf68e2ec0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_ayments_voucherbatchevent_no_truncate_a18ca', table='payments_voucherbatchevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6303894562bdd914558f2549156292a4d86c6c28', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d76ab', table='payments_voucherbatchevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VoucherCancellation',
            fields=[
                ('voucher_id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='payment')),
                ('reason', models.CharField(choices=[('REFUNDED', 'refunded'), ('REVERSED', 'taken back')], max_length=8, verbose_name='reason')),
                ('reference', models.CharField(blank=True, max_length=40, verbose_name='reference')),
                ('cancelled_at', models.DateTimeField(verbose_name='cancelled at')),
                ('cancelled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'cancelled voucher',
                'verbose_name_plural': 'cancelled vouchers',
                'ordering': ['voucher_id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__in', ['REFUNDED', 'REVERSED'])), name='voucher_cancellation_reason_known', violation_error_message='There is no such reason for cancelling a voucher.')],
                'triggers': [pgtrigger.compiler.Trigger(name='ments_vouchercancellation_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_vouchercancellation is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_vouchercancellation';", hash='81a85012d23cf7a140c0b8f80fad8be1c5a48c52', operation='UPDATE OR DELETE', pgid='pgtrigger_ments_vouchercancellation_no_change_df5f8', table='payments_vouchercancellation', when='BEFORE')), pgtrigger.compiler.Trigger(name='ments_vouchercancellation_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_vouchercancellation is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_vouchercancellation';", hash='3a2f8f100d4acb7f88481340bc067d0bff1a79e4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_ments_vouchercancellation_no_truncate_7d66d', table='payments_vouchercancellation', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VoucherPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.PositiveIntegerField(verbose_name='from number')),
                ('last', models.PositiveIntegerField(verbose_name='to number')),
                ('pages', models.PositiveIntegerField(verbose_name='number of pages')),
                ('stored_as', models.CharField(max_length=40, verbose_name='stored as')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.voucherbatch', verbose_name='batch')),
            ],
            options={
                'verbose_name': 'file of vouchers',
                'verbose_name_plural': 'files of vouchers',
                'ordering': ['batch', 'first'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'first'), name='voucher_part_once'), models.UniqueConstraint(fields=('stored_as',), name='voucher_part_stored_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_voucherpart_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucherpart is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucherpart';", hash='9948ba8e7740a027da9e57468e66efbd1c8fb518', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_voucherpart_no_change_cd9b5', table='payments_voucherpart', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_voucherpart_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucherpart is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucherpart';", hash='0cb597da1cfde87c09e652963574a0cb768cb6bb', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_voucherpart_no_truncate_6a9ce', table='payments_voucherpart', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VoucherPrint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('voucher_id', models.BigIntegerField(verbose_name='payment')),
                ('nth', models.PositiveSmallIntegerField(verbose_name='print')),
                ('id_type', models.CharField(choices=[('01', '居民身份证(户口簿)'), ('02', '解放军军官证'), ('03', '武警警官证'), ('04', '香港特区护照/港澳居民来往内地通行证'), ('05', '澳门特区护照/港澳居民来往内地通行证'), ('06', '台湾居民来往大陆通行证'), ('07', '外国人永久居留证'), ('08', '外国人护照'), ('09', '残疾人证'), ('10', '军烈属证明'), ('11', '外国人就业证'), ('12', '外国专家证'), ('13', '常驻记者证'), ('14', '台港澳人员就业证'), ('15', '回国定居专家证'), ('90', '社会保障卡'), ('99', '其他'), ('990201', '医学出生证明')], max_length=6, verbose_name='document')),
                ('collector', models.CharField(blank=True, max_length=80, verbose_name='collected by')),
                ('printed_at', models.DateTimeField(verbose_name='printed at')),
                ('printed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='printed by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'printed voucher',
                'verbose_name_plural': 'printed vouchers',
                'ordering': ['voucher_id', 'nth'],
                'constraints': [models.UniqueConstraint(fields=('voucher_id', 'nth'), name='voucher_print_once'), models.CheckConstraint(condition=models.Q(('nth__gte', 1), ('nth__lte', 999)), name='voucher_print_range', violation_error_message='A voucher is printed at most 999 times.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_voucherprint_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucherprint is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucherprint';", hash='d8987f68ae5f3573b5862269f7c121566ec3b883', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_voucherprint_no_change_c3da1', table='payments_voucherprint', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_voucherprint_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_voucherprint is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_voucherprint';", hash='e908bb7659fccfb65d088a10eef99829b7bf8edb', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_voucherprint_no_truncate_52757', table='payments_voucherprint', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='VoucherSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('benefit_year', models.PositiveSmallIntegerField(verbose_name='benefit year')),
                ('last', models.PositiveIntegerField(default=0, verbose_name='last number')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'voucher series',
                'verbose_name_plural': 'voucher series',
                'constraints': [models.UniqueConstraint(fields=('region', 'benefit_year'), name='voucher_series_once')],
            },
        ),
        migrations.CreateModel(
            name='MessageReceipt',
            fields=[
                ('sending', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='receipt', serialize=False, to='payments.messagesending')),
                ('delivered', models.BooleanField(verbose_name='delivered')),
                ('reason', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ('told_at', models.DateTimeField(verbose_name='told at')),
            ],
            options={
                'verbose_name': 'answer of the SMS gateway',
                'verbose_name_plural': 'answers of the SMS gateway',
                'triggers': [pgtrigger.compiler.Trigger(name='payments_messagereceipt_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagereceipt is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagereceipt';", hash='ba2cdfe7e80ffda5e227e5357c475425bf6ac29d', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_messagereceipt_no_change_e2b89', table='payments_messagereceipt', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_messagereceipt_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_messagereceipt is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_messagereceipt';", hash='2a4fa99e68d71b51d0a09216297c6b490a39b9ee', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_messagereceipt_no_truncate_84692', table='payments_messagereceipt', when='BEFORE'))],
            },
        )]),
        bureau.triggers.InstallTriggers(
        ),
        migrations.RunPython(open_leaves, migrations.RunPython.noop),
        migrations.RunPython(bring, migrations.RunPython.noop),
    ]
