import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
        ('bureau', '__first__'),
        ('enrollment', '0007_claim_years'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='EnrolmentApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, verbose_name='application number')),
                ('reference', models.CharField(blank=True, max_length=64, verbose_name="partner's own number")),
                ('id_type', models.CharField(max_length=6, verbose_name='ID type')),
                ('id_number', models.CharField(max_length=40, verbose_name='ID number')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('gender', models.CharField(choices=[('0', 'unknown'), ('1', 'male'), ('2', 'female'), ('9', 'not stated')], max_length=1, verbose_name='gender')),
                ('birth_date', models.DateField(verbose_name='date of birth')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('person_class', models.CharField(choices=[('1401', 'newborn'), ('1402', 'pre-school child'), ('1403', 'pupil'), ('1404', 'university student'), ('1405', 'minor not at school'), ('1406', 'aided pupil or child'), ('1501', 'adult resident'), ('1601', 'elderly resident'), ('1701', 'resident')], max_length=4, verbose_name='person class')),
                ('town', models.CharField(blank=True, max_length=60, verbose_name='town or street')),
                ('village', models.CharField(blank=True, max_length=60, verbose_name='village or community')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('relation', models.CharField(blank=True, choices=[('HEAD', 'head'), ('SPOUSE', 'spouse'), ('CHILD', 'child'), ('GRANDCHILD', 'grandchild'), ('PARENT', 'parent'), ('GRANDPARENT', 'grandparent'), ('SIBLING', 'brother or sister'), ('OTHER', 'other')], max_length=11, verbose_name='relation to the head')),
                ('head_number', models.CharField(blank=True, max_length=40, verbose_name='ID number of the head')),
                ('guardian_name', models.CharField(blank=True, max_length=80, verbose_name='guardian')),
                ('guardian_number', models.CharField(blank=True, max_length=40, verbose_name='ID number of the guardian')),
                ('guardian_phone', models.CharField(blank=True, max_length=20, verbose_name='phone of the guardian')),
                ('round', models.PositiveSmallIntegerField(default=1, verbose_name='round')),
                ('submitted_at', models.DateTimeField(verbose_name='handed in at')),
                ('state', models.CharField(choices=[('WAITING', 'waiting'), ('TAKEN', 'in hand'), ('RETURNED', 'returned'), ('ACCEPTED', 'accepted'), ('REJECTED', 'rejected')], default='WAITING', max_length=8, verbose_name='state')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.apiclient', verbose_name='partner')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('enrollment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.enrollment', verbose_name='enrolment')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='person')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='pooling region')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
            ],
            options={
                'verbose_name': 'application for enrolment',
                'verbose_name_plural': 'applications for enrolment',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['region', 'state', 'submitted_at', 'id'], name='application_queue'), models.Index(fields=['id_number'], name='application_id_number')],
                'constraints': [models.UniqueConstraint(fields=('number',), name='application_number_once'), models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('client', 'reference'), name='application_reference_once', violation_error_message='The partner has used this number for another application.'), models.UniqueConstraint(condition=models.Q(('state__in', ['WAITING', 'TAKEN'])), fields=('id_type', 'id_number', 'region'), name='application_one_open', violation_error_message='An application for this person is waiting already.'), models.CheckConstraint(condition=models.Q(('state__in', ['WAITING', 'TAKEN', 'RETURNED', 'ACCEPTED', 'REJECTED'])), name='application_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['WAITING', 'TAKEN']), _negated=True), models.Q(('state', 'WAITING'), ('taken_by__isnull', True)), models.Q(('state', 'TAKEN'), ('taken_by__isnull', False)), _connector='OR'), name='application_taken_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state__in', ['WAITING', 'TAKEN'])), models.Q(models.Q(('state__in', ['WAITING', 'TAKEN']), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='application_decision_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['RETURNED', 'REJECTED']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='application_reason_evidence', violation_error_message='Please give a reason.'), models.CheckConstraint(condition=models.Q(models.Q(('enrollment__isnull', False), ('person__isnull', False), ('state', 'ACCEPTED')), models.Q(models.Q(('state', 'ACCEPTED'), _negated=True), ('enrollment__isnull', True), ('person__isnull', True)), _connector='OR'), name='application_accepted_evidence'), models.CheckConstraint(condition=models.Q(('round__gte', 1), ('round__lte', 50)), name='application_round_range')],
                'triggers': [pgtrigger.compiler.Trigger(name='ment_enrolmentapplication_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'RETURNED\', \'WAITING\'), (\'TAKEN\', \'ACCEPTED\'), (\'TAKEN\', \'REJECTED\'), (\'TAKEN\', \'RETURNED\'), (\'TAKEN\', \'WAITING\'), (\'WAITING\', \'ACCEPTED\'), (\'WAITING\', \'REJECTED\'), (\'WAITING\', \'RETURNED\'), (\'WAITING\', \'TAKEN\')) THEN RAISE EXCEPTION \'enrollment_enrolmentapplication: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'enrollment_enrolmentapplication\'; END IF; RETURN NEW;', hash='2f5a5cd0d450413b80202b3288af4490a47907ee', operation='UPDATE OF "state"', pgid='pgtrigger_ment_enrolmentapplication_moves_6a01b', table='enrollment_enrolmentapplication', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_enrolmentapplicationevent" ("address", "birth_date", "client_id", "decided_at", "decided_by_id", "enrollment_id", "gender", "guardian_name", "guardian_number", "guardian_phone", "head_number", "id", "id_number", "id_type", "name", "number", "person_class", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "reason", "reference", "region_id", "relation", "round", "state", "submitted_at", "taken_by_id", "town", "village") SELECT new_values."address", new_values."birth_date", new_values."client_id", new_values."decided_at", new_values."decided_by_id", new_values."enrollment_id", new_values."gender", new_values."guardian_name", new_values."guardian_number", new_values."guardian_phone", new_values."head_number", new_values."id", new_values."id_number", new_values."id_type", new_values."name", new_values."number", new_values."person_class", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."reason", new_values."reference", new_values."region_id", new_values."relation", new_values."round", new_values."state", new_values."submitted_at", new_values."taken_by_id", new_values."town", new_values."village" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='37156d65268a60926407385004f8fb3fffa7ffd5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_08ff2', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_enrolmentapplication', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_enrolmentapplicationevent" ("address", "birth_date", "client_id", "decided_at", "decided_by_id", "enrollment_id", "gender", "guardian_name", "guardian_number", "guardian_phone", "head_number", "id", "id_number", "id_type", "name", "number", "person_class", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "reason", "reference", "region_id", "relation", "round", "state", "submitted_at", "taken_by_id", "town", "village") SELECT new_values."address", new_values."birth_date", new_values."client_id", new_values."decided_at", new_values."decided_by_id", new_values."enrollment_id", new_values."gender", new_values."guardian_name", new_values."guardian_number", new_values."guardian_phone", new_values."head_number", new_values."id", new_values."id_number", new_values."id_type", new_values."name", new_values."number", new_values."person_class", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."reason", new_values."reference", new_values."region_id", new_values."relation", new_values."round", new_values."state", new_values."submitted_at", new_values."taken_by_id", new_values."town", new_values."village" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='62d417e835b932bc57063c6e655062135fe20177', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_caec4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_enrolmentapplication', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_enrolmentapplicationevent" ("address", "birth_date", "client_id", "decided_at", "decided_by_id", "enrollment_id", "gender", "guardian_name", "guardian_number", "guardian_phone", "head_number", "id", "id_number", "id_type", "name", "number", "person_class", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "reason", "reference", "region_id", "relation", "round", "state", "submitted_at", "taken_by_id", "town", "village") SELECT old_values."address", old_values."birth_date", old_values."client_id", old_values."decided_at", old_values."decided_by_id", old_values."enrollment_id", old_values."gender", old_values."guardian_name", old_values."guardian_number", old_values."guardian_phone", old_values."head_number", old_values."id", old_values."id_number", old_values."id_type", old_values."name", old_values."number", old_values."person_class", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."reason", old_values."reference", old_values."region_id", old_values."relation", old_values."round", old_values."state", old_values."submitted_at", old_values."taken_by_id", old_values."town", old_values."village" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='14f6ec7daaac85d23bcac3eb801480a6808e731a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_33c13', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_enrolmentapplication', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='EnrolmentApplicationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(max_length=20, verbose_name='application number')),
                ('reference', models.CharField(blank=True, max_length=64, verbose_name="partner's own number")),
                ('id_type', models.CharField(max_length=6, verbose_name='ID type')),
                ('id_number', models.CharField(max_length=40, verbose_name='ID number')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('gender', models.CharField(choices=[('0', 'unknown'), ('1', 'male'), ('2', 'female'), ('9', 'not stated')], max_length=1, verbose_name='gender')),
                ('birth_date', models.DateField(verbose_name='date of birth')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('person_class', models.CharField(choices=[('1401', 'newborn'), ('1402', 'pre-school child'), ('1403', 'pupil'), ('1404', 'university student'), ('1405', 'minor not at school'), ('1406', 'aided pupil or child'), ('1501', 'adult resident'), ('1601', 'elderly resident'), ('1701', 'resident')], max_length=4, verbose_name='person class')),
                ('town', models.CharField(blank=True, max_length=60, verbose_name='town or street')),
                ('village', models.CharField(blank=True, max_length=60, verbose_name='village or community')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('relation', models.CharField(blank=True, choices=[('HEAD', 'head'), ('SPOUSE', 'spouse'), ('CHILD', 'child'), ('GRANDCHILD', 'grandchild'), ('PARENT', 'parent'), ('GRANDPARENT', 'grandparent'), ('SIBLING', 'brother or sister'), ('OTHER', 'other')], max_length=11, verbose_name='relation to the head')),
                ('head_number', models.CharField(blank=True, max_length=40, verbose_name='ID number of the head')),
                ('guardian_name', models.CharField(blank=True, max_length=80, verbose_name='guardian')),
                ('guardian_number', models.CharField(blank=True, max_length=40, verbose_name='ID number of the guardian')),
                ('guardian_phone', models.CharField(blank=True, max_length=20, verbose_name='phone of the guardian')),
                ('round', models.PositiveSmallIntegerField(default=1, verbose_name='round')),
                ('submitted_at', models.DateTimeField(verbose_name='handed in at')),
                ('state', models.CharField(choices=[('WAITING', 'waiting'), ('TAKEN', 'in hand'), ('RETURNED', 'returned'), ('ACCEPTED', 'accepted'), ('REJECTED', 'rejected')], default='WAITING', max_length=8, verbose_name='state')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.apiclient', verbose_name='partner')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('enrollment', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.enrollment', verbose_name='enrolment')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enrollment.enrolmentapplication')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='pooling region')),
                ('taken_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='enrolmentapplicationevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_enrolmentapplicationevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_enrolmentapplicationevent';", hash='1811cd111d3261519628e0ec5e1fa427ad5de375', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrolmentapplicationevent_no_truncate_5f3e8', table='enrollment_enrolmentapplicationevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a2c6f65ea7edcc727b25d28ae9787cf4e3e90b9c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b040c', table='enrollment_enrolmentapplicationevent', when='BEFORE'))],
            },
        )]),
        bureau.triggers.InstallTriggers(
        ),
    ]
