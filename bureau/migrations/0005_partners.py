import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0004_attachments'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scopes', models.JSONField(default=list, verbose_name='calls it may make')),
                ('networks', models.JSONField(default=list, verbose_name='networks it may call from')),
                ('per_minute', models.PositiveIntegerField(default=600, verbose_name='calls a minute')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'partner',
                'verbose_name_plural': 'partners',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('code',), name='client_code_once', violation_error_message='This code is taken.'), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9-]{1,29}$')), name='client_code_format', violation_error_message='A code is made of small letters, digits and hyphens.'), models.CheckConstraint(condition=models.Q(('per_minute__gte', 1), ('per_minute__lte', 100000)), name='client_rate_range', violation_error_message='Between 1 and 100,000 calls a minute.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apiclientevent" ("active", "code", "id", "made_at", "made_by_id", "name", "networks", "per_minute", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scopes") SELECT new_values."active", new_values."code", new_values."id", new_values."made_at", new_values."made_by_id", new_values."name", new_values."networks", new_values."per_minute", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."scopes" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9ec18870b507e4975fe660fbb36b66adbc769d15', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_429bf', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_apiclient', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apiclientevent" ("active", "code", "id", "made_at", "made_by_id", "name", "networks", "per_minute", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scopes") SELECT new_values."active", new_values."code", new_values."id", new_values."made_at", new_values."made_by_id", new_values."name", new_values."networks", new_values."per_minute", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."scopes" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='faa90a28c7fa9e3f5674d8cb5f627cc23f85fef9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_072e1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_apiclient', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apiclientevent" ("active", "code", "id", "made_at", "made_by_id", "name", "networks", "per_minute", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scopes") SELECT old_values."active", old_values."code", old_values."id", old_values."made_at", old_values."made_by_id", old_values."name", old_values."networks", old_values."per_minute", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."scopes" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='146ba662f062dec662344af6f1ef06a80670bb58', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6b8f6', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_apiclient', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ApiClientEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scopes', models.JSONField(default=list, verbose_name='calls it may make')),
                ('networks', models.JSONField(default=list, verbose_name='networks it may call from')),
                ('per_minute', models.PositiveIntegerField(default=600, verbose_name='calls a minute')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.apiclient')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_apiclientevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_apiclientevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_apiclientevent';", hash='cd5a9c8e2a9ed8b4f78a4967b872146790645211', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_apiclientevent_no_truncate_7c501', table='bureau_apiclientevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='50fe0c1db793dd351662c26b0c61d043068c9002', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e9dca', table='bureau_apiclientevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ApiClientRegion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='client_regions', to='bureau.apiclient')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region')),
            ],
            options={
                'verbose_name': 'region of a partner',
                'verbose_name_plural': 'regions of partners',
                'constraints': [models.UniqueConstraint(fields=('client', 'region'), name='client_region_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apiclientregionevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id") SELECT new_values."client_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."region_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='617141d4f7f534aa9b50a0dc06faeabdeedcfe81', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e5742', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_apiclientregion', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apiclientregionevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id") SELECT new_values."client_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."region_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='35ab3c07eebe2e52a76c810fb4f0440dea64113b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7f766', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_apiclientregion', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apiclientregionevent" ("client_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id") SELECT old_values."client_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."region_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f83aa7a11d227755b2881f485c5033196f2ceefd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_fa5e7', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_apiclientregion', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ApiClientRegionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.apiclient')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.apiclientregion')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='reau_apiclientregionevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_apiclientregionevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_apiclientregionevent';", hash='3cfb2b7fb41d2998c2c65dc9f7bcd94e00ea0de8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_reau_apiclientregionevent_no_truncate_d661a', table='bureau_apiclientregionevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2fe4688994f56be2737528b550a12fc91de96ec6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_06b14', table='bureau_apiclientregionevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=24, verbose_name='key')),
                ('slot', models.PositiveSmallIntegerField(verbose_name='place')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('expires_at', models.DateTimeField(verbose_name='valid to')),
                ('shown_at', models.DateTimeField(blank=True, null=True, verbose_name='secret shown at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('revoke_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='bureau.apiclient', verbose_name='partner')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
            ],
            options={
                'verbose_name': 'partner key',
                'verbose_name_plural': 'partner keys',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('key_id',), name='apikey_once'), models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('client', 'slot'), name='apikey_two_live', violation_error_message='A partner has two live keys at most: revoke one first.'), models.CheckConstraint(condition=models.Q(('slot__in', [1, 2])), name='apikey_slot_range'), models.CheckConstraint(condition=models.Q(('issued_by', models.F('approved_by')), _negated=True), name='apikey_second_person', violation_error_message='Nobody approves what they made.'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('issued_at'))), name='apikey_order'), models.CheckConstraint(condition=models.Q(models.Q(('revoke_reason', ''), ('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False), models.Q(('revoke_reason', ''), _negated=True)), _connector='OR'), name='apikey_revoke_evidence')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apikeyevent" ("approved_by_id", "client_id", "expires_at", "id", "issued_at", "issued_by_id", "key_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoke_reason", "revoked_at", "revoked_by_id", "shown_at", "slot") SELECT new_values."approved_by_id", new_values."client_id", new_values."expires_at", new_values."id", new_values."issued_at", new_values."issued_by_id", new_values."key_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."revoke_reason", new_values."revoked_at", new_values."revoked_by_id", new_values."shown_at", new_values."slot" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f7e4b5721bc7c3358417653e0dc500680ca7d83a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0877f', referencing='REFERENCING NEW TABLE AS new_values ', table='bureau_apikey', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apikeyevent" ("approved_by_id", "client_id", "expires_at", "id", "issued_at", "issued_by_id", "key_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoke_reason", "revoked_at", "revoked_by_id", "shown_at", "slot") SELECT new_values."approved_by_id", new_values."client_id", new_values."expires_at", new_values."id", new_values."issued_at", new_values."issued_by_id", new_values."key_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."revoke_reason", new_values."revoked_at", new_values."revoked_by_id", new_values."shown_at", new_values."slot" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c4c256c731f54044cd1e59f486024bc5355c0456', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1eb99', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='bureau_apikey', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "bureau_apikeyevent" ("approved_by_id", "client_id", "expires_at", "id", "issued_at", "issued_by_id", "key_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoke_reason", "revoked_at", "revoked_by_id", "shown_at", "slot") SELECT old_values."approved_by_id", old_values."client_id", old_values."expires_at", old_values."id", old_values."issued_at", old_values."issued_by_id", old_values."key_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."revoke_reason", old_values."revoked_at", old_values."revoked_by_id", old_values."shown_at", old_values."slot" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='7fd3a3dd240c9b6e54ec0c22ec592852d3315bc4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_59212', referencing='REFERENCING OLD TABLE AS old_values ', table='bureau_apikey', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ApiKeyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key_id', models.CharField(max_length=24, verbose_name='key')),
                ('slot', models.PositiveSmallIntegerField(verbose_name='place')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('expires_at', models.DateTimeField(verbose_name='valid to')),
                ('shown_at', models.DateTimeField(blank=True, null=True, verbose_name='secret shown at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('revoke_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('approved_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.apiclient', verbose_name='partner')),
                ('issued_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='bureau.apikey')),
                ('revoked_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_apikeyevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_apikeyevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_apikeyevent';", hash='d334ecd4a404e45511d08036a5a44821832cee4e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_apikeyevent_no_truncate_c413f', table='bureau_apikeyevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='36f69db35992f396ca4b0e54f5b731cbea7e2c57', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6de1e', table='bureau_apikeyevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ApiNonce',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nonce', models.CharField(max_length=64)),
                ('at', models.DateTimeField(db_index=True)),
                ('key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.apikey')),
            ],
            options={
                'verbose_name': 'signed request',
                'verbose_name_plural': 'signed requests',
                'constraints': [models.UniqueConstraint(fields=('key', 'nonce'), name='nonce_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bucket', models.CharField(max_length=80)),
                ('minute', models.DateTimeField(db_index=True)),
                ('hits', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'calls in a minute',
                'verbose_name_plural': 'calls in a minute',
                'constraints': [models.UniqueConstraint(fields=('bucket', 'minute'), name='rate_once')],
            },
        ),
        migrations.CreateModel(
            name='SecurityEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('kind', models.CharField(max_length=30, verbose_name='kind')),
                ('key_id', models.CharField(blank=True, max_length=24, verbose_name='key')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='network address')),
                ('path', models.CharField(blank=True, max_length=200, verbose_name='path')),
                ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.apiclient', verbose_name='partner')),
            ],
            options={
                'verbose_name': 'security event',
                'verbose_name_plural': 'security events',
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_securityevent_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_securityevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_securityevent';", hash='09d0bc9cd7a4bffc44a9f11c87ce3de04d55f00a', operation='UPDATE OR DELETE', pgid='pgtrigger_bureau_securityevent_no_change_87c15', table='bureau_securityevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='bureau_securityevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_securityevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_securityevent';", hash='9adb74d796f6a72966528d895cb476b27f72a1c0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_securityevent_no_truncate_207e6', table='bureau_securityevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ApiAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('body', models.TextField()),
                ('location', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField(db_index=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.apiclient')),
            ],
            options={
                'verbose_name': 'stored answer',
                'verbose_name_plural': 'stored answers',
                'constraints': [models.UniqueConstraint(fields=('client', 'key'), name='answer_once')],
            },
        )]),
        migrations.AddField(
            model_name='ApiClient',
            name='regions',
            field=models.ManyToManyField(related_name='+', through='bureau.ApiClientRegion', to='bureau.region', verbose_name='regions'),
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
