import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0004_attachments'),
        ('bureau', '__first__'),
        ('enrollment', '0005_look_ups'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='ListFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('REGISTER', 'registrations'), ('AID_MEMBERS', 'aid members, full list'), ('AID_CHECK', 'aid members, check of enrolment'), ('TAX_CLAIM', 'aid claimed from the tax office'), ('DEATHS', 'deaths')], max_length=12, verbose_name='kind')),
                ('issuer', models.CharField(choices=[('BUREAU', 'medical insurance bureau, village or school'), ('CIVIL', 'civil affairs'), ('DISABLED', "disabled persons' federation"), ('RURAL', 'rural affairs'), ('HEALTH', 'health')], default='BUREAU', max_length=10, verbose_name='issued by')),
                ('month', models.DateField(verbose_name='month')),
                ('name', models.CharField(max_length=200, verbose_name='file name')),
                ('stored_as', models.CharField(max_length=100)),
                ('size', models.BigIntegerField(verbose_name='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('sheet', models.CharField(blank=True, max_length=100, verbose_name='sheet')),
                ('sheets', models.JSONField(blank=True, default=list, verbose_name='sheets')),
                ('state', models.CharField(choices=[('QUEUED', 'queued'), ('READING', 'being read'), ('HELD', 'held'), ('READ', 'waits for confirmation'), ('CONFIRMED', 'confirmed'), ('APPLYING', 'being applied'), ('STOPPED', 'stopped'), ('APPLIED', 'applied'), ('UNDONE', 'taken back'), ('REJECTED', 'rejected'), ('DROPPED', 'dropped'), ('PARKED', 'parked')], default='QUEUED', max_length=10, verbose_name='state')),
                ('reasons', models.JSONField(blank=True, default=list, verbose_name='reasons')),
                ('warnings', models.JSONField(blank=True, default=list, verbose_name='warnings')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('last_line', models.PositiveIntegerField(default=0, verbose_name='last line')),
                ('tallies', models.JSONField(blank=True, default=dict, verbose_name='tallies')),
                ('second_person', models.BooleanField(default=True, verbose_name='a second person confirms')),
                ('done_through', models.PositiveIntegerField(default=0, verbose_name='applied up to line')),
                ('stop_wanted', models.BooleanField(default=False, verbose_name='to be stopped')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('applied_at', models.DateTimeField(blank=True, null=True, verbose_name='applied at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back at')),
                ('undo_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was taken back')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken back by')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'list',
                'verbose_name_plural': 'lists',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', '-id'], name='listfile_region_page'), models.Index(condition=models.Q(('state__in', ['QUEUED', 'READING', 'CONFIRMED', 'APPLYING'])), fields=['state'], name='listfile_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('second_person', False), ('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('uploaded_by')), _negated=True), _connector='OR'), name='listfile_second_person', violation_error_message='A second person confirms this list, not the one who uploaded it.'), models.CheckConstraint(condition=models.Q(('kind', 'REGISTER'), ('second_person', True), _connector='OR'), name='listfile_aid_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='listfile_confirm_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['CONFIRMED', 'APPLYING', 'STOPPED', 'APPLIED', 'UNDONE']), _negated=True), ('confirmed_by__isnull', False), _connector='OR'), name='listfile_applied_was_confirmed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'APPLIED'), _negated=True), ('applied_at__isnull', False), _connector='OR'), name='listfile_applied_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'UNDONE'), ('undone_at__isnull', False), ('undone_by__isnull', False)), models.Q(models.Q(('state', 'UNDONE'), _negated=True), ('undone_at__isnull', True), ('undone_by__isnull', True)), _connector='OR'), name='listfile_undone_evidence'), models.CheckConstraint(condition=models.Q(('state__in', ['QUEUED', 'READING', 'HELD', 'READ', 'CONFIRMED', 'APPLYING', 'STOPPED', 'APPLIED', 'UNDONE', 'REJECTED', 'DROPPED', 'PARKED'])), name='listfile_state_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['REGISTER', 'AID_MEMBERS', 'AID_CHECK', 'TAX_CLAIM', 'DEATHS'])), name='listfile_kind_known'), models.CheckConstraint(condition=models.Q(('issuer__in', ['BUREAU', 'CIVIL', 'DISABLED', 'RURAL', 'HEALTH'])), name='listfile_issuer_known')],
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_listfile_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'APPLIED\', \'UNDONE\'), (\'APPLYING\', \'APPLIED\'), (\'APPLYING\', \'CONFIRMED\'), (\'APPLYING\', \'PARKED\'), (\'APPLYING\', \'STOPPED\'), (\'CONFIRMED\', \'APPLYING\'), (\'CONFIRMED\', \'PARKED\'), (\'CONFIRMED\', \'STOPPED\'), (\'HELD\', \'DROPPED\'), (\'HELD\', \'QUEUED\'), (\'PARKED\', \'CONFIRMED\'), (\'PARKED\', \'DROPPED\'), (\'PARKED\', \'QUEUED\'), (\'QUEUED\', \'DROPPED\'), (\'QUEUED\', \'PARKED\'), (\'QUEUED\', \'READING\'), (\'READ\', \'CONFIRMED\'), (\'READ\', \'DROPPED\'), (\'READING\', \'HELD\'), (\'READING\', \'PARKED\'), (\'READING\', \'QUEUED\'), (\'READING\', \'READ\'), (\'READING\', \'REJECTED\'), (\'STOPPED\', \'CONFIRMED\'), (\'STOPPED\', \'UNDONE\')) THEN RAISE EXCEPTION \'enrollment_listfile: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'enrollment_listfile\'; END IF; RETURN NEW;', hash='854e4865874546f76b172acedf87ded0e1b02089', operation='UPDATE OF "state"', pgid='pgtrigger_enrollment_listfile_moves_1405f', table='enrollment_listfile', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_listfileevent" ("applied_at", "confirmed_at", "confirmed_by_id", "done_through", "id", "issuer", "kind", "last_line", "month", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons", "region_id", "rows", "second_person", "sha256", "sheet", "sheets", "size", "state", "stop_wanted", "stored_as", "tallies", "undo_reason", "undone_at", "undone_by_id", "uploaded_at", "uploaded_by_id", "warnings") SELECT new_values."applied_at", new_values."confirmed_at", new_values."confirmed_by_id", new_values."done_through", new_values."id", new_values."issuer", new_values."kind", new_values."last_line", new_values."month", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reasons", new_values."region_id", new_values."rows", new_values."second_person", new_values."sha256", new_values."sheet", new_values."sheets", new_values."size", new_values."state", new_values."stop_wanted", new_values."stored_as", new_values."tallies", new_values."undo_reason", new_values."undone_at", new_values."undone_by_id", new_values."uploaded_at", new_values."uploaded_by_id", new_values."warnings" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='159b9097e495341997db84786a445dedbb2be4eb', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_bf41d', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_listfile', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_listfileevent" ("applied_at", "confirmed_at", "confirmed_by_id", "done_through", "id", "issuer", "kind", "last_line", "month", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons", "region_id", "rows", "second_person", "sha256", "sheet", "sheets", "size", "state", "stop_wanted", "stored_as", "tallies", "undo_reason", "undone_at", "undone_by_id", "uploaded_at", "uploaded_by_id", "warnings") SELECT new_values."applied_at", new_values."confirmed_at", new_values."confirmed_by_id", new_values."done_through", new_values."id", new_values."issuer", new_values."kind", new_values."last_line", new_values."month", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reasons", new_values."region_id", new_values."rows", new_values."second_person", new_values."sha256", new_values."sheet", new_values."sheets", new_values."size", new_values."state", new_values."stop_wanted", new_values."stored_as", new_values."tallies", new_values."undo_reason", new_values."undone_at", new_values."undone_by_id", new_values."uploaded_at", new_values."uploaded_by_id", new_values."warnings" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='79822a350d5856d666b1a970fce8a86e368b8fb0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0b1d3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_listfile', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_listfileevent" ("applied_at", "confirmed_at", "confirmed_by_id", "done_through", "id", "issuer", "kind", "last_line", "month", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons", "region_id", "rows", "second_person", "sha256", "sheet", "sheets", "size", "state", "stop_wanted", "stored_as", "tallies", "undo_reason", "undone_at", "undone_by_id", "uploaded_at", "uploaded_by_id", "warnings") SELECT old_values."applied_at", old_values."confirmed_at", old_values."confirmed_by_id", old_values."done_through", old_values."id", old_values."issuer", old_values."kind", old_values."last_line", old_values."month", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reasons", old_values."region_id", old_values."rows", old_values."second_person", old_values."sha256", old_values."sheet", old_values."sheets", old_values."size", old_values."state", old_values."stop_wanted", old_values."stored_as", old_values."tallies", old_values."undo_reason", old_values."undone_at", old_values."undone_by_id", old_values."uploaded_at", old_values."uploaded_by_id", old_values."warnings" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='832e5fc3a51e420157d71fff2a51d7be747a82e0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_9bcf1', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_listfile', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ListLease',
            fields=[
                ('list', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lease', serialize=False, to='enrollment.listfile')),
                ('token', models.UUIDField(blank=True, null=True)),
                ('backend_pid', models.IntegerField(blank=True, null=True)),
                ('backend_start', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('phase', models.CharField(blank=True, max_length=10, verbose_name='phase')),
                ('lines_seen', models.PositiveIntegerField(default=0, verbose_name='lines read')),
            ],
            options={
                'verbose_name': 'lease on a list',
                'verbose_name_plural': 'leases on lists',
            },
        ),
        migrations.CreateModel(
            name='ListFileEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('REGISTER', 'registrations'), ('AID_MEMBERS', 'aid members, full list'), ('AID_CHECK', 'aid members, check of enrolment'), ('TAX_CLAIM', 'aid claimed from the tax office'), ('DEATHS', 'deaths')], max_length=12, verbose_name='kind')),
                ('issuer', models.CharField(choices=[('BUREAU', 'medical insurance bureau, village or school'), ('CIVIL', 'civil affairs'), ('DISABLED', "disabled persons' federation"), ('RURAL', 'rural affairs'), ('HEALTH', 'health')], default='BUREAU', max_length=10, verbose_name='issued by')),
                ('month', models.DateField(verbose_name='month')),
                ('name', models.CharField(max_length=200, verbose_name='file name')),
                ('stored_as', models.CharField(max_length=100)),
                ('size', models.BigIntegerField(verbose_name='bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('sheet', models.CharField(blank=True, max_length=100, verbose_name='sheet')),
                ('sheets', models.JSONField(blank=True, default=list, verbose_name='sheets')),
                ('state', models.CharField(choices=[('QUEUED', 'queued'), ('READING', 'being read'), ('HELD', 'held'), ('READ', 'waits for confirmation'), ('CONFIRMED', 'confirmed'), ('APPLYING', 'being applied'), ('STOPPED', 'stopped'), ('APPLIED', 'applied'), ('UNDONE', 'taken back'), ('REJECTED', 'rejected'), ('DROPPED', 'dropped'), ('PARKED', 'parked')], default='QUEUED', max_length=10, verbose_name='state')),
                ('reasons', models.JSONField(blank=True, default=list, verbose_name='reasons')),
                ('warnings', models.JSONField(blank=True, default=list, verbose_name='warnings')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('last_line', models.PositiveIntegerField(default=0, verbose_name='last line')),
                ('tallies', models.JSONField(blank=True, default=dict, verbose_name='tallies')),
                ('second_person', models.BooleanField(default=True, verbose_name='a second person confirms')),
                ('done_through', models.PositiveIntegerField(default=0, verbose_name='applied up to line')),
                ('stop_wanted', models.BooleanField(default=False, verbose_name='to be stopped')),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('applied_at', models.DateTimeField(blank=True, null=True, verbose_name='applied at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back at')),
                ('undo_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was taken back')),
                ('confirmed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enrollment.listfile')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
                ('undone_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken back by')),
                ('uploaded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_listfileevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_listfileevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_listfileevent';", hash='6df7cdb74339a9d92e851815e34835d2810cc61c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_listfileevent_no_truncate_28f70', table='enrollment_listfileevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='31e3aed028359475e2c2b62a4e4f10826040be92', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0133f', table='enrollment_listfileevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ListLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_no', models.PositiveIntegerField(verbose_name='line')),
                ('outcome', models.CharField(choices=[('NEW', 'new in the list'), ('UPDATED', 'changed'), ('ENDED', 'ended'), ('UNKNOWN', 'unknown person'), ('CONTRADICTORY', 'contradictory'), ('ERROR', 'error')], max_length=13, verbose_name='outcome')),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('column', models.CharField(blank=True, db_default='', max_length=60, verbose_name='column')),
                ('value', models.CharField(blank=True, db_default='', max_length=80, verbose_name='value')),
                ('params', models.JSONField(blank=True, null=True, verbose_name='details')),
                ('enrollment_id', models.BigIntegerField(blank=True, null=True, verbose_name='enrolment')),
                ('household_id', models.BigIntegerField(blank=True, null=True, verbose_name='household')),
                ('before', models.JSONField(blank=True, null=True, verbose_name='until now')),
                ('list', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='enrollment.listfile', verbose_name='list')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='person')),
            ],
            options={
                'verbose_name': 'line of a list',
                'verbose_name_plural': 'lines of lists',
                'ordering': ['list', 'line_no'],
                'constraints': [models.UniqueConstraint(fields=('list', 'line_no'), name='listline_once'), models.CheckConstraint(condition=models.Q(('outcome__in', ['NEW', 'UPDATED', 'ENDED', 'UNKNOWN', 'CONTRADICTORY', 'ERROR'])), name='listline_outcome_known'), models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ['NEW', 'UPDATED', 'ENDED']), _negated=True), ('person__isnull', False), _connector='OR'), name='listline_moves_somebody')],
            },
        )]),
        migrations.RunSQL(
            sql='CREATE SCHEMA IF NOT EXISTS staging',
            reverse_sql='',
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
