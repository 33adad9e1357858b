import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
        ('payments', '0009_channels'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='OrderConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(choices=[('LATE_WAIT', 'to wait'), ('E_WAIT_PAST_YEAR_END', 'to have no cover this year')], max_length=20, verbose_name='agreed')),
                ('agreed_at', models.DateTimeField(verbose_name='agreed at')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='payments.orderline', verbose_name='line of an order')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('line', 'code'), name='order_consent_once'), models.CheckConstraint(condition=models.Q(('code__in', ['LATE_WAIT', 'E_WAIT_PAST_YEAR_END'])), name='order_consent_known')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_orderconsent_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderconsent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderconsent';", hash='61a8900f7bc05293a39272c60a9b373de6ad013a', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_orderconsent_no_change_402e1', table='payments_orderconsent', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_orderconsent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderconsent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderconsent';", hash='d3ec0b54bb865a8ee8ac046a60ba2880923791fa', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_orderconsent_no_truncate_f0d57', table='payments_orderconsent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='OrderDebit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('channel_serial', models.CharField(max_length=64, verbose_name='channel serial')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('debited_at', models.DateTimeField(verbose_name='debited at')),
                ('told_at', models.DateTimeField(verbose_name='told at')),
                ('source', models.CharField(choices=[('CALL', 'the channel told'), ('ASKED', 'the channel answered when asked'), ('STATEMENT', "the channel's statement"), ('DESK', 'keyed in at the desk')], max_length=9, verbose_name='said by')),
                ('was', models.CharField(max_length=9, verbose_name='the order was')),
                ('outcome', models.CharField(choices=[('BOOKED', 'booked'), ('AGAIN', 'a second debit, booked beside the first'), ('DIFFERS', 'another amount, on a work item')], max_length=7, verbose_name='outcome')),
                ('booked_as', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.order', verbose_name='booked as order')),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.workitem', verbose_name='work item')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debits', to='payments.order', verbose_name='order')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'debit of an order',
                'verbose_name_plural': 'debits of orders',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('channel', 'channel_serial'), name='order_debit_once', violation_error_message='This channel serial was told before.'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99'), models.Q(('channel_serial', ''), _negated=True)), name='order_debit_amount_range', violation_error_message='An amount is between 0.01 and 9,999,999,999.99 yuan.'), models.CheckConstraint(condition=models.Q(models.Q(('booked_as__isnull', True), ('item__isnull', False), ('outcome', 'DIFFERS')), models.Q(('booked_as__isnull', False), ('item__isnull', True), ('outcome__in', ['BOOKED', 'AGAIN'])), _connector='OR'), name='order_debit_evidence', violation_error_message='Money that was told is booked as an order, or hangs on a work item.'), models.CheckConstraint(condition=models.Q(('source__in', ['CALL', 'ASKED', 'STATEMENT', 'DESK'])), name='order_debit_source_known')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_orderdebit_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderdebit is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderdebit';", hash='325ce8689e2e819709c84d82c95df3833f92d5c3', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_orderdebit_no_change_26cd4', table='payments_orderdebit', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_orderdebit_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_orderdebit is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_orderdebit';", hash='e05a36a7630087f0d9d0c2c532c22b814c24329c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_orderdebit_no_truncate_f28f2', table='payments_orderdebit', when='BEFORE'))],
            },
        )]),
        bureau.migrating.Together([migrations.AddField(
            model_name='channelterms',
            name='past_year_end',
            field=models.BooleanField(default=False, verbose_name='takes money that buys no cover this year, with consent'),
        ),
        migrations.AddField(
            model_name='channelterms',
            name='status_url',
            field=models.CharField(blank=True, max_length=200, verbose_name='address that says what became of an order'),
        ),
        migrations.AddField(
            model_name='channeltermsevent',
            name='past_year_end',
            field=models.BooleanField(default=False, verbose_name='takes money that buys no cover this year, with consent'),
        ),
        migrations.AddField(
            model_name='channeltermsevent',
            name='status_url',
            field=models.CharField(blank=True, max_length=200, verbose_name='address that says what became of an order'),
        ),
        migrations.AddField(
            model_name='order',
            name='again_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='again', to='payments.order', verbose_name='second debit of the order'),
        ),
        migrations.AddField(
            model_name='orderevent',
            name='again_for',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payments.order', verbose_name='second debit of the order'),
        ),
        migrations.AddField(
            model_name='orderline',
            name='told',
            field=models.JSONField(default=dict, verbose_name='what was told'),
        )]),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('payer_account', ''), _negated=True), fields=['channel', 'payer_account'], name='order_payer'),
        ),
        bureau.migrating.Together([migrations.AddConstraint(
            model_name='channelterms',
            constraint=models.CheckConstraint(condition=models.Q(('status_url', ''), ('status_url__regex', '^https?://[^\\s@]+$'), _connector='OR'), name='channel_status_url_format', violation_error_message='An address begins with https:// and holds no blank and no log-in.'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('again_for__isnull', True), ('state', 'PAID'), _connector='OR'), name='order_again_is_paid', violation_error_message='A second debit is written down as an order that is paid.'),
        )]),
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.RemoveTrigger(
                model_name='channelterms',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='channelterms',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='channelterms',
                name='delete_delete',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='order',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='order',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='order',
                name='delete_delete',
            ), pgtrigger.migrations.AddTrigger(
                model_name='channelterms',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_channeltermsevent" ("answer_final", "channel", "debit_cards_only", "enabled", "id", "keyed_by", "lock_minutes", "max_persons", "mode", "past_year_end", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_route", "region_id", "settlement_days", "status_url") SELECT new_values."answer_final", new_values."channel", new_values."debit_cards_only", new_values."enabled", new_values."id", new_values."keyed_by", new_values."lock_minutes", new_values."max_persons", new_values."mode", new_values."past_year_end", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."refund_route", new_values."region_id", new_values."settlement_days", new_values."status_url" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='aded0531ae7a8b435a5596653eff43be6a586ea0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_fc941', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_channelterms', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='channelterms',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_channeltermsevent" ("answer_final", "channel", "debit_cards_only", "enabled", "id", "keyed_by", "lock_minutes", "max_persons", "mode", "past_year_end", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_route", "region_id", "settlement_days", "status_url") SELECT new_values."answer_final", new_values."channel", new_values."debit_cards_only", new_values."enabled", new_values."id", new_values."keyed_by", new_values."lock_minutes", new_values."max_persons", new_values."mode", new_values."past_year_end", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."refund_route", new_values."region_id", new_values."settlement_days", new_values."status_url" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a10baa3feafa070ac65c98874b4166f24d5ad161', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_59d96', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_channelterms', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='channelterms',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_channeltermsevent" ("answer_final", "channel", "debit_cards_only", "enabled", "id", "keyed_by", "lock_minutes", "max_persons", "mode", "past_year_end", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_route", "region_id", "settlement_days", "status_url") SELECT old_values."answer_final", old_values."channel", old_values."debit_cards_only", old_values."enabled", old_values."id", old_values."keyed_by", old_values."lock_minutes", old_values."max_persons", old_values."mode", old_values."past_year_end", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."refund_route", old_values."region_id", old_values."settlement_days", old_values."status_url" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4c6988e0ffe78b9bb0adbf0a520162474264819b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2fb75', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_channelterms', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='order',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_orderevent" ("again_for_id", "amount", "asked_at", "card_type", "channel", "channel_serial", "client_code", "consent", "debited_at", "ended_at", "id", "locked_until", "number", "opened_at", "payer_account", "payer_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "state") SELECT new_values."again_for_id", new_values."amount", new_values."asked_at", new_values."card_type", new_values."channel", new_values."channel_serial", new_values."client_code", new_values."consent", new_values."debited_at", new_values."ended_at", new_values."id", new_values."locked_until", new_values."number", new_values."opened_at", new_values."payer_account", new_values."payer_name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."region_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='688c8253adac26653a886754e799aa51c5aa3f0e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f6a10', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_order', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='order',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_orderevent" ("again_for_id", "amount", "asked_at", "card_type", "channel", "channel_serial", "client_code", "consent", "debited_at", "ended_at", "id", "locked_until", "number", "opened_at", "payer_account", "payer_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "state") SELECT new_values."again_for_id", new_values."amount", new_values."asked_at", new_values."card_type", new_values."channel", new_values."channel_serial", new_values."client_code", new_values."consent", new_values."debited_at", new_values."ended_at", new_values."id", new_values."locked_until", new_values."number", new_values."opened_at", new_values."payer_account", new_values."payer_name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."region_id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='791a22c7ce80525dc3d8af84578c7603eb64b8e4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a59f1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_order', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='order',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_orderevent" ("again_for_id", "amount", "asked_at", "card_type", "channel", "channel_serial", "client_code", "consent", "debited_at", "ended_at", "id", "locked_until", "number", "opened_at", "payer_account", "payer_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "state") SELECT old_values."again_for_id", old_values."amount", old_values."asked_at", old_values."card_type", old_values."channel", old_values."channel_serial", old_values."client_code", old_values."consent", old_values."debited_at", old_values."ended_at", old_values."id", old_values."locked_until", old_values."number", old_values."opened_at", old_values."payer_account", old_values."payer_name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."region_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='649510892b38607f955b71b79fd32335862116b8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_91fc8', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_order', when='AFTER')),
            )],
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
