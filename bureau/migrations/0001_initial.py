import bureau.migrating
import bureau.triggers
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('is_demo', models.BooleanField(default=False, verbose_name='demo log-in')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_demo", "is_staff", "is_superuser", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT new_values."date_joined", new_values."email", new_values."first_name", new_values."id", new_values."is_active", new_values."is_demo", new_values."is_staff", new_values."is_superuser", new_values."last_name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."username" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4ccf4103321b9f1023f38197efee3ef94c7bd77b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c2175', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_user', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_demo", "is_staff", "is_superuser", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT new_values."date_joined", new_values."email", new_values."first_name", new_values."id", new_values."is_active", new_values."is_demo", new_values."is_staff", new_values."is_superuser", new_values."last_name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."username" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."date_joined" IS DISTINCT FROM (new_values."date_joined") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."first_name" IS DISTINCT FROM (new_values."first_name") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."is_demo" IS DISTINCT FROM (new_values."is_demo") OR old_values."is_staff" IS DISTINCT FROM (new_values."is_staff") OR old_values."is_superuser" IS DISTINCT FROM (new_values."is_superuser") OR old_values."last_name" IS DISTINCT FROM (new_values."last_name") OR old_values."username" IS DISTINCT FROM (new_values."username")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2ed49218e07172fb771c4bd283b7a7fdb19712cc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_623c6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_user', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_demo", "is_staff", "is_superuser", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT old_values."date_joined", old_values."email", old_values."first_name", old_values."id", old_values."is_active", old_values."is_demo", old_values."is_staff", old_values."is_superuser", old_values."last_name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."username" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c0dd91209085f43380de0b3162cad4ff72149365', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6f150', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_user', when='AFTER'))],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ExportRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('what', models.CharField(max_length=60, verbose_name='what')),
                ('filters', models.JSONField(default=dict, verbose_name='filters')),
                ('regions', models.JSONField(default=list, verbose_name='regions')),
                ('masked', models.BooleanField(default=True, verbose_name='masked')),
                ('purpose', models.CharField(blank=True, max_length=300, verbose_name='purpose')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'export',
                'verbose_name_plural': 'export register',
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_exportrecord_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_exportrecord is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_exportrecord';", hash='ace1512f4fb00daf56212396b0b95dc19fe81649', operation='UPDATE OR DELETE', pgid='pgtrigger_bureau_exportrecord_no_change_a6672', table='bureau_exportrecord', when='BEFORE')), pgtrigger.compiler.Trigger(name='bureau_exportrecord_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_exportrecord is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_exportrecord';", hash='452fc65d8305a4bbde8b08bc094aefbb43978730', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_exportrecord_no_truncate_c7b5d', table='bureau_exportrecord', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Workday',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='day')),
                ('is_workday', models.BooleanField(verbose_name='working day')),
                ('note', models.CharField(blank=True, max_length=40, verbose_name='note')),
            ],
            options={
                'verbose_name': 'calendar day',
                'verbose_name_plural': 'work calendar',
                'ordering': ['day'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_workdayevent" ("day", "is_workday", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."day", new_values."is_workday", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."day" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a5f7876c87f09f97a7cac301524a3eb44f415584', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_80d35', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_workday', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_workdayevent" ("day", "is_workday", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."day", new_values."is_workday", new_values."note", _pgh_attached_context.value, NOW(), \'update\', new_values."day" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."day") = (new_values."day") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4bf8218cfaabbf10aa3c6599b007eeb2c7f75beb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_16c72', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_workday', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_workdayevent" ("day", "is_workday", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."day", old_values."is_workday", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."day" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a70d776be71540db59b8903cc089896cb83baa9b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2428b', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_workday', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='WorkdayEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('day', models.DateField(serialize=False, verbose_name='day')),
                ('is_workday', models.BooleanField(verbose_name='working day')),
                ('note', models.CharField(blank=True, max_length=40, verbose_name='note')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.workday')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_workdayevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_workdayevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_workdayevent';", hash='be210a2cf2b3140535837ec9cb4cbd116a0612c2', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_workdayevent_no_truncate_ad77b', table='bureau_workdayevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='61d71cb74f2e946c80a68e284d5d918481374d6f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bc6dc', table='bureau_workdayevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ExportOutcome',
            fields=[
                ('export', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='outcome', serialize=False, to='bureau.exportrecord')),
                ('rows', models.BigIntegerField(verbose_name='rows')),
                ('sha256', models.CharField(max_length=64)),
                ('finished_at', models.DateTimeField(verbose_name='finished at')),
            ],
            options={
                'verbose_name': 'export outcome',
                'verbose_name_plural': 'export outcomes',
                'constraints': [models.CheckConstraint(condition=models.Q(('rows__gte', 0)), name='export_rows_not_negative')],
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_exportoutcome_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_exportoutcome is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_exportoutcome';", hash='70a9f161c2e4bb3b2397d85d0a8855fa55edb04e', operation='UPDATE OR DELETE', pgid='pgtrigger_bureau_exportoutcome_no_change_3dd9b', table='bureau_exportoutcome', when='BEFORE')), pgtrigger.compiler.Trigger(name='bureau_exportoutcome_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_exportoutcome is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_exportoutcome';", hash='415079aa8091f92b088cd1fa45ffe5d2d1cc5a12', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_exportoutcome_no_truncate_c18cb', table='bureau_exportoutcome', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'province'), (2, 'city'), (3, 'county')], verbose_name='level')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('online_enabled', models.BooleanField(default=True, verbose_name='online payment enabled')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='bureau.region', verbose_name='parent')),
            ],
            options={
                'verbose_name': 'region',
                'verbose_name_plural': 'regions',
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[1-9][0-9]{5}$')), name='region_code_format', violation_error_message='A region code has six digits.'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='region_valid_order', violation_error_message='A region ends after it begins.'), models.CheckConstraint(condition=models.Q(models.Q(('level', 1), ('parent__isnull', True)), models.Q(('level__gt', 1), ('parent__isnull', False)), _connector='OR'), name='region_parent_by_level', violation_error_message='Only a province has no parent.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_regionevent" ("code", "level", "name", "online_enabled", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from", "valid_to") SELECT new_values."code", new_values."level", new_values."name", new_values."online_enabled", new_values."parent_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."code", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2d54d5515b6927499f75b1e163ec4b1f6407835f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1f43b', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_region', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_regionevent" ("code", "level", "name", "online_enabled", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from", "valid_to") SELECT new_values."code", new_values."level", new_values."name", new_values."online_enabled", new_values."parent_id", _pgh_attached_context.value, NOW(), \'update\', new_values."code", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."code") = (new_values."code") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9b85bb28c5bb30540b847d25f21333d22bf26ea3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_890c2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_region', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_regionevent" ("code", "level", "name", "online_enabled", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from", "valid_to") SELECT old_values."code", old_values."level", old_values."name", old_values."online_enabled", old_values."parent_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."code", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='fb044657f9d7ec5540fd155c1ae65a72295c11e6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_762fe', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_region', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('subject_type', models.CharField(max_length=60, verbose_name='subject type')),
                ('subject_id', models.CharField(max_length=40, verbose_name='subject')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('difference', models.JSONField(default=dict, verbose_name='what it changes')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('state', models.CharField(choices=[('OPEN', 'OPEN'), ('APPROVED', 'APPROVED'), ('REJECTED', 'REJECTED'), ('WITHDRAWN', 'WITHDRAWN')], default='OPEN', max_length=10, verbose_name='state')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('review_reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the review')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['state', 'region'], name='proposal_queue')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'OPEN')), fields=('kind', 'subject_type', 'subject_id'), name='proposal_one_open', violation_error_message='This already waits for a second person.'), models.CheckConstraint(condition=models.Q(('state__in', ['WITHDRAWN', 'OPEN']), models.Q(('made_by', models.F('reviewed_by')), _negated=True), _connector='OR'), name='proposal_second_person', violation_error_message='Nobody approves what they made.'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True), ('state', 'OPEN')), models.Q(models.Q(('state', 'OPEN'), _negated=True), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='proposal_review_evidence', violation_error_message='A decided proposal names who decided it and when.'), models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'APPROVED', 'REJECTED', 'WITHDRAWN'])), name='proposal_state_known')],
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_proposal_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'OPEN\', \'APPROVED\'), (\'OPEN\', \'REJECTED\'), (\'OPEN\', \'WITHDRAWN\')) THEN RAISE EXCEPTION \'bureau_proposal: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'bureau_proposal\'; END IF; RETURN NEW;', hash='fc03958343630a3a074bf24f6e131bf3e0e5785d', operation='UPDATE OF "state"', pgid='pgtrigger_bureau_proposal_moves_2c5ac', table='bureau_proposal', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_proposalevent" ("difference", "id", "kind", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "review_reason", "reviewed_at", "reviewed_by_id", "state", "subject_id", "subject_type", "title") SELECT new_values."difference", new_values."id", new_values."kind", new_values."made_at", new_values."made_by_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."region_id", new_values."review_reason", new_values."reviewed_at", new_values."reviewed_by_id", new_values."state", new_values."subject_id", new_values."subject_type", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4d59e389af48c4bdac97ff332618680a346004bf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c8c40', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_proposal', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_proposalevent" ("difference", "id", "kind", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "review_reason", "reviewed_at", "reviewed_by_id", "state", "subject_id", "subject_type", "title") SELECT new_values."difference", new_values."id", new_values."kind", new_values."made_at", new_values."made_by_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."region_id", new_values."review_reason", new_values."reviewed_at", new_values."reviewed_by_id", new_values."state", new_values."subject_id", new_values."subject_type", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='30ca19ae33bba0919ee0a239197ed3485e3f4cf1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d8608', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_proposal', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_proposalevent" ("difference", "id", "kind", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "review_reason", "reviewed_at", "reviewed_by_id", "state", "subject_id", "subject_type", "title") SELECT old_values."difference", old_values."id", old_values."kind", old_values."made_at", old_values."made_by_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."region_id", old_values."review_reason", old_values."reviewed_at", old_values."reviewed_by_id", old_values."state", old_values."subject_id", old_values."subject_type", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='838901e12a33ac0ef2c519d6e92012d99d29dcab', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f73be', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_proposal', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ProposalEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('subject_type', models.CharField(max_length=60, verbose_name='subject type')),
                ('subject_id', models.CharField(max_length=40, verbose_name='subject')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('difference', models.JSONField(default=dict, verbose_name='what it changes')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('state', models.CharField(choices=[('OPEN', 'OPEN'), ('APPROVED', 'APPROVED'), ('REJECTED', 'REJECTED'), ('WITHDRAWN', 'WITHDRAWN')], default='OPEN', max_length=10, verbose_name='state')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                ('review_reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the review')),
                ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.proposal')),
                ('reviewed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_proposalevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_proposalevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_proposalevent';", hash='be73d4eb8abc90295c848ab452553585d5268699', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_proposalevent_no_truncate_6c168', table='bureau_proposalevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8a0e71a717625b6f9db79bdf773ed0da29cf9eee', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6a4ff', table='bureau_proposalevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RegionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('code', models.CharField(max_length=6, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'province'), (2, 'city'), (3, 'county')], verbose_name='level')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('online_enabled', models.BooleanField(default=True, verbose_name='online payment enabled')),
                ('parent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='parent')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_regionevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_regionevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_regionevent';", hash='966206a70bc28212a7dbc606131787e619349bb0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_regionevent_no_truncate_14c19', table='bureau_regionevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4e84cb24e99ac0b0bc4334de401ca649f14f1e28', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_94c8c', table='bureau_regionevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='StaffRegion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staff_regions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'region of a member of staff',
                'verbose_name_plural': 'regions of staff',
                'constraints': [models.UniqueConstraint(fields=('user', 'region'), name='staff_region_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_staffregionevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."region_id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5daf402f187781dfdcc2c28896adc8d92adeaf5e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c734a', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_staffregion', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_staffregionevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."region_id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5de98d89f5af0ebdecb0472b1151727eb408e193', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_37fd0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_staffregion', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_staffregionevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "user_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."region_id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d2d2cb4029897e482015ef3c9f222eed722f3d39', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_5f100', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_staffregion', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='StaffRegionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.staffregion')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_staffregionevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_staffregionevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_staffregionevent';", hash='036cf140078e48a3fe84f15e26cdfeb36ae81049', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_staffregionevent_no_truncate_6e8ac', table='bureau_staffregionevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='308eb7f2dfbbc8cd6e8d7fddcddbf743d0f0cd94', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6b1bb', table='bureau_staffregionevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='UserEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('is_demo', models.BooleanField(default=False, verbose_name='demo log-in')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_userevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_userevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_userevent';", hash='20f6d43373051297f951d42a64fc958bf49dd76d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_userevent_no_truncate_05014', table='bureau_userevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='651a165ba5426166a1bba33e61e7dcd8c21bdfb3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dc5c9', table='bureau_userevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='UserRightEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('permission', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('user', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_userrightevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_userrightevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_userrightevent';", hash='4153d3aa1405f3abaf07874449fe90a175380fc8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_userrightevent_no_truncate_da447', table='bureau_userrightevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='35ce1f6aea9f403c427b4d9e203e8a2860a88c9e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_21b0e', table='bureau_userrightevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='UserRoleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('group', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('user', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_userroleevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_userroleevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_userroleevent';", hash='a39740bb3b6d65ab930f6a47897588eb9f75f11b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_userroleevent_no_truncate_40491', table='bureau_userroleevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a026f77df74d8b5e26c72b3aaef0f3bffdb94dcf', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4e975', table='bureau_userroleevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='UserRole',
            fields=[
            ],
            options={
                'verbose_name': 'role of a member of staff',
                'verbose_name_plural': 'roles of staff',
                'proxy': True,
                'indexes': [],
                'constraints': [],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userroleevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") SELECT new_values."group_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='95ffc0bdab924c831747406f46dfef721ab168f1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e44d0', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_user_groups', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userroleevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") SELECT new_values."group_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0879c89bbf118365c5cf099be5fedb62b1bfebdd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_ed9be', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_user_groups', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userroleevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") SELECT old_values."group_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='36dba4cd5c78de9518fb2dd93351fcc4e1029fc5', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_25cfb', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_user_groups', when='AFTER'))],
            },
            bases=('bureau.user_groups',),
        ),
        migrations.CreateModel(
            name='UserRight',
            fields=[
            ],
            options={
                'verbose_name': 'permission of a member of staff',
                'verbose_name_plural': 'permissions of staff',
                'proxy': True,
                'indexes': [],
                'constraints': [],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userrightevent" ("id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") SELECT new_values."id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='31d9dd03af92d6120e1b476b48cdcdbecdfa2315', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2f2da', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_user_user_permissions', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userrightevent" ("id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") SELECT new_values."id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'update\', new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='78e89a8147615b5ba296b799ef517fe5a4a141aa', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b610a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_user_user_permissions', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_userrightevent" ("id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") SELECT old_values."id", old_values."permission_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9110e6b996b32efacb5f1995e8f9915b03230f3a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b87dd', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_user_user_permissions', when='AFTER'))],
            },
            bases=('bureau.user_user_permissions',),
        )]),
        migrations.AddField(
            model_name='User',
            name='regions',
            field=models.ManyToManyField(blank=True, related_name='staff', through='bureau.StaffRegion', to='bureau.region', verbose_name='regions'),
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
