import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0003_role_conflicts'),
        ('enrollment', '0003_register'),
        ('payments', '0007_price_differences'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='ChannelTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('enabled', models.BooleanField(default=True, verbose_name='open')),
                ('mode', models.CharField(choices=[('REALTIME', 'at once'), ('BATCH', 'in batches'), ('OFFLINE', 'keyed in later'), ('QUERY', 'queries only')], max_length=8, verbose_name='mode')),
                ('settlement_days', models.PositiveSmallIntegerField(default=1, verbose_name='working days to the treasury')),
                ('debit_cards_only', models.BooleanField(default=True, verbose_name='debit cards only')),
                ('max_persons', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='persons in one order')),
                ('lock_minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='minutes an order is locked')),
                ('keyed_by', models.CharField(choices=[('CHANNEL', 'the channel itself'), ('BUREAU', 'the bureau'), ('TAX', 'the tax office'), ('AGENT', 'the village agent')], max_length=8, verbose_name='keyed in by')),
                ('refund_route', models.CharField(choices=[('ORIGINAL_PATH', 'the way it came'), ('MEDICAL_ACCOUNT', 'the medical account it came from'), ('BANK_ACCOUNT', 'a bank account')], max_length=15, verbose_name='refunds go')),
                ('answer_final', models.BooleanField(default=True, verbose_name='its answer is final')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'terms of a channel',
                'verbose_name_plural': 'channels',
                'ordering': ['channel', 'region'],
                'constraints': [models.UniqueConstraint(fields=('channel', 'region'), name='channel_terms_once', nulls_distinct=False, violation_error_message='This channel has terms for this region already.'), models.CheckConstraint(condition=models.Q(('channel__in', ['ALIPAY', 'WECHAT', 'NHSA_APP', 'BANK_APP', 'ETAX', 'SOCIAL_APP', 'SOCIAL_WECHAT', 'BANK_COUNTER', 'BANK_BATCH', 'POST', 'QR', 'TAX_HALL', 'VILLAGE', 'CASH', 'FAMILY_SHARE', 'MINZHENGTONG'])), name='channel_known', violation_error_message='There is no such channel.'), models.CheckConstraint(condition=models.Q(models.Q(('max_persons__isnull', True), ('max_persons__range', (1, 100)), _connector='OR'), models.Q(('lock_minutes__isnull', True), ('lock_minutes__range', (1, 1440)), _connector='OR'), ('settlement_days__lte', 30)), name='channel_terms_range', violation_error_message='1 to 100 persons, 1 to 1440 minutes, at most 30 working days.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_channeltermsevent" ("answer_final", "channel", "debit_cards_only", "enabled", "id", "keyed_by", "lock_minutes", "max_persons", "mode", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_route", "region_id", "settlement_days") SELECT new_values."answer_final", new_values."channel", new_values."debit_cards_only", new_values."enabled", new_values."id", new_values."keyed_by", new_values."lock_minutes", new_values."max_persons", new_values."mode", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."refund_route", new_values."region_id", new_values."settlement_days" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='218ed065d952d2e1e798e50781cf13db2d6a6416', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_fc941', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_channelterms', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_channeltermsevent" ("answer_final", "channel", "debit_cards_only", "enabled", "id", "keyed_by", "lock_minutes", "max_persons", "mode", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_route", "region_id", "settlement_days") SELECT new_values."answer_final", new_values."channel", new_values."debit_cards_only", new_values."enabled", new_values."id", new_values."keyed_by", new_values."lock_minutes", new_values."max_persons", new_values."mode", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."refund_route", new_values."region_id", new_values."settlement_days" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='20f30be585e68c749d642a02d69cfe29e581ae6b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_59d96', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_channelterms', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_channeltermsevent" ("answer_final", "channel", "debit_cards_only", "enabled", "id", "keyed_by", "lock_minutes", "max_persons", "mode", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_route", "region_id", "settlement_days") SELECT old_values."answer_final", old_values."channel", old_values."debit_cards_only", old_values."enabled", old_values."id", old_values."keyed_by", old_values."lock_minutes", old_values."max_persons", old_values."mode", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."refund_route", old_values."region_id", old_values."settlement_days" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f63d2b880a42f1b73794bb37fd0c4d5a9f03ef91', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2fb75', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_channelterms', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ChannelTermsEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('enabled', models.BooleanField(default=True, verbose_name='open')),
                ('mode', models.CharField(choices=[('REALTIME', 'at once'), ('BATCH', 'in batches'), ('OFFLINE', 'keyed in later'), ('QUERY', 'queries only')], max_length=8, verbose_name='mode')),
                ('settlement_days', models.PositiveSmallIntegerField(default=1, verbose_name='working days to the treasury')),
                ('debit_cards_only', models.BooleanField(default=True, verbose_name='debit cards only')),
                ('max_persons', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='persons in one order')),
                ('lock_minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='minutes an order is locked')),
                ('keyed_by', models.CharField(choices=[('CHANNEL', 'the channel itself'), ('BUREAU', 'the bureau'), ('TAX', 'the tax office'), ('AGENT', 'the village agent')], max_length=8, verbose_name='keyed in by')),
                ('refund_route', models.CharField(choices=[('ORIGINAL_PATH', 'the way it came'), ('MEDICAL_ACCOUNT', 'the medical account it came from'), ('BANK_ACCOUNT', 'a bank account')], max_length=15, verbose_name='refunds go')),
                ('answer_final', models.BooleanField(default=True, verbose_name='its answer is final')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.channelterms')),
                ('region', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='ayments_channeltermsevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_channeltermsevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_channeltermsevent';", hash='e9752292138ce154ada6dc46be670d836fb4c135', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_ayments_channeltermsevent_no_truncate_d15fa', table='payments_channeltermsevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d66a70f7cc2758d51b5e1507764621fbe7203050', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e1ede', table='payments_channeltermsevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, verbose_name='order number')),
                ('client_code', models.CharField(max_length=40, verbose_name='partner')),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('payer_name', models.CharField(max_length=80, verbose_name='payer')),
                ('payer_account', models.CharField(blank=True, max_length=64, verbose_name="payer's account at the channel")),
                ('card_type', models.CharField(default='DEBIT', max_length=8, verbose_name='card type')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('consent', models.BooleanField(default=False, verbose_name='the payer agreed to wait')),
                ('state', models.CharField(choices=[('OPEN', 'OPEN'), ('ASKED', 'ASKED'), ('PAID', 'PAID'), ('CANCELLED', 'CANCELLED'), ('EXPIRED', 'EXPIRED')], default='OPEN', max_length=9, verbose_name='state')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('locked_until', models.DateTimeField(verbose_name='locked until')),
                ('asked_at', models.DateTimeField(blank=True, null=True, verbose_name='channel asked at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('channel_serial', models.CharField(blank=True, max_length=64, verbose_name='channel serial')),
                ('debited_at', models.DateTimeField(blank=True, null=True, verbose_name='debited at')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', 'id'], name='order_region_page'), models.Index(condition=models.Q(('state__in', ['OPEN', 'ASKED'])), fields=['locked_until'], name='order_waiting')],
                'constraints': [models.UniqueConstraint(fields=('number',), name='order_number_once', violation_error_message='This order number is taken.'), models.UniqueConstraint(condition=models.Q(('channel_serial', ''), _negated=True), fields=('channel', 'channel_serial'), name='order_serial_once', violation_error_message='This channel serial paid another order.'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99')), name='order_amount_range', violation_error_message='An amount is between 0.01 and 9,999,999,999.99 yuan.'), models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'ASKED', 'PAID', 'CANCELLED', 'EXPIRED'])), name='order_state_known', violation_error_message='There is no such state of an order.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'PAID'), models.Q(('channel_serial', ''), _negated=True), ('debited_at__isnull', False)), models.Q(models.Q(('state', 'PAID'), _negated=True), ('channel_serial', ''), ('debited_at__isnull', True)), _connector='OR'), name='order_paid_evidence', violation_error_message="A paid order, and only that, has the channel's serial and time."), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state__in', ['OPEN', 'ASKED'])), models.Q(models.Q(('state__in', ['OPEN', 'ASKED']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='order_end_evidence', violation_error_message='An order that ended, and only that, says when.'), models.CheckConstraint(condition=models.Q(('locked_until__gt', models.F('opened_at'))), name='order_lock_order', violation_error_message='An order is locked for some time.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_order_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'ASKED\', \'CANCELLED\'), (\'ASKED\', \'EXPIRED\'), (\'ASKED\', \'PAID\'), (\'CANCELLED\', \'PAID\'), (\'EXPIRED\', \'PAID\'), (\'OPEN\', \'ASKED\'), (\'OPEN\', \'CANCELLED\'), (\'OPEN\', \'PAID\')) THEN RAISE EXCEPTION \'payments_order: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'payments_order\'; END IF; RETURN NEW;', hash='966619d4f0d2cdfa427d93c0f2a9261d9ad2743c', operation='UPDATE OF "state"', pgid='pgtrigger_payments_order_moves_e1559', table='payments_order', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_orderevent" ("amount", "asked_at", "card_type", "channel", "channel_serial", "client_code", "consent", "debited_at", "ended_at", "id", "locked_until", "number", "opened_at", "payer_account", "payer_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "state") SELECT new_values."amount", new_values."asked_at", new_values."card_type", new_values."channel", new_values."channel_serial", new_values."client_code", new_values."consent", new_values."debited_at", new_values."ended_at", new_values."id", new_values."locked_until", new_values."number", new_values."opened_at", new_values."payer_account", new_values."payer_name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."region_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b4a769acc2c865e32880191c1eb1eea5b8bdb9b4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f6a10', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_order', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_orderevent" ("amount", "asked_at", "card_type", "channel", "channel_serial", "client_code", "consent", "debited_at", "ended_at", "id", "locked_until", "number", "opened_at", "payer_account", "payer_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "state") SELECT new_values."amount", new_values."asked_at", new_values."card_type", new_values."channel", new_values."channel_serial", new_values."client_code", new_values."consent", new_values."debited_at", new_values."ended_at", new_values."id", new_values."locked_until", new_values."number", new_values."opened_at", new_values."payer_account", new_values."payer_name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."region_id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='872a03e953705cd64fd7981e2464d8b1fdc3e32f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a59f1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_order', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_orderevent" ("amount", "asked_at", "card_type", "channel", "channel_serial", "client_code", "consent", "debited_at", "ended_at", "id", "locked_until", "number", "opened_at", "payer_account", "payer_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "state") SELECT old_values."amount", old_values."asked_at", old_values."card_type", old_values."channel", old_values."channel_serial", old_values."client_code", old_values."consent", old_values."debited_at", old_values."ended_at", old_values."id", old_values."locked_until", old_values."number", old_values."opened_at", old_values."payer_account", old_values."payer_name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."region_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5e15e7d8bba5426e1bb14c14d511c1c38f33f09f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_91fc8', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_order', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='OrderEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(max_length=24, verbose_name='order number')),
                ('client_code', models.CharField(max_length=40, verbose_name='partner')),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('payer_name', models.CharField(max_length=80, verbose_name='payer')),
                ('payer_account', models.CharField(blank=True, max_length=64, verbose_name="payer's account at the channel")),
                ('card_type', models.CharField(default='DEBIT', max_length=8, verbose_name='card type')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('consent', models.BooleanField(default=False, verbose_name='the payer agreed to wait')),
                ('state', models.CharField(choices=[('OPEN', 'OPEN'), ('ASKED', 'ASKED'), ('PAID', 'PAID'), ('CANCELLED', 'CANCELLED'), ('EXPIRED', 'EXPIRED')], default='OPEN', max_length=9, verbose_name='state')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('locked_until', models.DateTimeField(verbose_name='locked until')),
                ('asked_at', models.DateTimeField(blank=True, null=True, verbose_name='channel asked at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('channel_serial', models.CharField(blank=True, max_length=64, verbose_name='channel serial')),
                ('debited_at', models.DateTimeField(blank=True, null=True, verbose_name='debited at')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.order')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='payments_orderevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderevent';", hash='bae2ca078f8b72e30ca5de19dc3f1639b376421a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_orderevent_no_truncate_fabfa', table='payments_orderevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='98ceddf74206c49ac10096bed293f63fd3b16e80', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7902c', table='payments_orderevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('cover_start', models.DateField(blank=True, null=True, verbose_name='cover was told to start')),
                ('wait_months', models.PositiveSmallIntegerField(default=0, verbose_name='months of waiting that were told')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.order', verbose_name='order')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='enrollment.person', verbose_name='insured')),
                ('receivable', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='payments.receivable', verbose_name='receivable')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'line of an order',
                'verbose_name_plural': 'lines of orders',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('order', 'receivable'), name='order_line_once', violation_error_message='An order pays each receivable once.'), models.CheckConstraint(condition=models.Q(('id__gte', 4000000000000000000)), name='order_line_number', violation_error_message='Numbers of order lines lie above those of bank lines.'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99')), name='order_line_amount_range', violation_error_message='An amount is between 0.01 and 9,999,999,999.99 yuan.')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_orderline_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderline';", hash='2985fafbf352cede65524f4a911fa37d0309f926', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_orderline_no_change_61242', table='payments_orderline', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_orderline_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderline';", hash='c2e73a4eba94fb8a15ab3c72c797e3bf539760a6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_orderline_no_truncate_ad746', table='payments_orderline', when='BEFORE'))],
            },
        )]),
        migrations.RemoveConstraint(
            model_name='hold',
            name='hold_has_holder',
        ),
        bureau.migrating.Together([migrations.AddField(
            model_name='hold',
            name='order_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='order'),
        ),
        migrations.AddField(
            model_name='holdevent',
            name='order_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='order'),
        )]),
        bureau.migrating.Together([migrations.AlterField(
            model_name='duplicatepayment',
            name='channel',
            field=models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel'),
        ),
        migrations.AlterField(
            model_name='duplicatepayment',
            name='instruction_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='instruction'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='channel',
            field=models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='line_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='line it came with'),
        )]),
        bureau.migrating.Together([migrations.AddConstraint(
            model_name='duplicatepayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'BANK_BATCH'), _negated=True), ('instruction_id__isnull', False), _connector='OR'), name='duplicate_evidence', violation_error_message='A duplicate of a bank file names its instruction.'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('instruction_id__isnull', False), ('order_id__isnull', True)), models.Q(('instruction_id__isnull', True), ('order_id__isnull', False)), _connector='OR'), name='hold_has_holder'),
        )]),
        migrations.RunSQL(
            sql='CREATE SEQUENCE payments_order_line_number',
            reverse_sql='DROP SEQUENCE payments_order_line_number',
        ),
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.RemoveTrigger(
                model_name='hold',
                name='delete_delete',
            ), pgtrigger.migrations.AddTrigger(
                model_name='hold',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_holdevent" ("held_at", "id", "instruction_id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "region_id") SELECT old_values."held_at", old_values."id", old_values."instruction_id", old_values."order_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."region_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='7a038bb80098bc071642daae860c49b160f7fd62', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_491d4', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_hold', when='AFTER')),
            )],
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
