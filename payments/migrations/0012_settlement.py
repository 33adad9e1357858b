import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
        ('bureau', '__first__'),
        ('enrollment', '0009_counter'),
        ('payments', '0011_retries_and_swaps'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='DayCut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('day', models.DateField(verbose_name='day')),
                ('booked_lines', models.PositiveIntegerField(default=0, verbose_name='booked lines')),
                ('booked', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='booked')),
                ('duplicate_lines', models.PositiveIntegerField(default=0, verbose_name='duplicate lines')),
                ('duplicate', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='duplicates')),
                ('back_lines', models.PositiveIntegerField(default=0, verbose_name='reversed lines')),
                ('back', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='reversed')),
                ('loose_lines', models.PositiveIntegerField(default=0, verbose_name='lines debited, not posted')),
                ('loose', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='debited, not posted')),
                ('stated_lines', models.PositiveIntegerField(default=0, verbose_name='stated lines')),
                ('stated', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='stated by the channel')),
                ('returned_lines', models.PositiveIntegerField(default=0, verbose_name='returned lines')),
                ('returned', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='returned by the channel')),
                ('treasury_lines', models.PositiveIntegerField(default=0, verbose_name='treasury lines')),
                ('treasury', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='in the treasury')),
                ('unsettled_lines', models.PositiveIntegerField(default=0, verbose_name='unsettled lines')),
                ('unsettled', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='unsettled')),
                ('differences', models.PositiveIntegerField(default=0, verbose_name='open differences')),
                ('has_statement', models.BooleanField(default=False, verbose_name='statement received')),
                ('expected_on', models.DateField(verbose_name='in the treasury by')),
                ('cut_at', models.DateTimeField(verbose_name='cut at')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'day cut',
                'verbose_name_plural': 'day cuts',
                'ordering': ['-day', 'channel', 'region'],
                'indexes': [models.Index(fields=['region', '-id'], name='daycut_page'), models.Index(condition=models.Q(('unsettled_lines__gt', 0)), fields=['expected_on'], name='daycut_unsettled')],
                'constraints': [models.UniqueConstraint(fields=('region', 'channel', 'day'), name='daycut_once'), models.CheckConstraint(condition=models.Q(('booked__gte', 0), ('treasury__gte', 0), ('unsettled__gte', 0)), name='daycut_amount_range')],
            },
        ),
        migrations.CreateModel(
            name='DebitCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('serial', models.CharField(blank=True, max_length=64, verbose_name='serial')),
                ('ref', models.CharField(blank=True, max_length=64, verbose_name='reference')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('debited_on', models.DateField(blank=True, null=True, verbose_name='debit date')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('due_on', models.DateField(verbose_name='back by')),
                ('state', models.CharField(choices=[('OPEN', 'waits for the bank'), ('ESCALATED', 'the bank is late'), ('RETURNED', 'the bank returned it'), ('BOOKED', 'booked after all'), ('EXPLAINED', 'explained by a person')], default='OPEN', max_length=9, verbose_name='state')),
                ('escalated_at', models.DateTimeField(blank=True, null=True, verbose_name='escalated at')),
                ('return_line_id', models.BigIntegerField(blank=True, null=True, verbose_name='line of the return')),
                ('returned_on', models.DateField(blank=True, null=True, verbose_name='returned on')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='debit_case', to='payments.workitem', verbose_name='work item')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='debit_cases', to='enrollment.person', verbose_name='person')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'debit not posted',
                'verbose_name_plural': 'debits not posted',
                'ordering': ['due_on', 'id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['OPEN', 'ESCALATED'])), fields=['region', 'due_on', 'id'], name='debitcase_queue'), models.Index(fields=['channel', 'serial'], name='debitcase_serial'), models.Index(fields=['channel', 'ref'], name='debitcase_ref')],
                'constraints': [models.UniqueConstraint(fields=('return_line_id',), name='debitcase_return_once', violation_error_message='This return closed another case.'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99')), name='debitcase_amount_range'), models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'ESCALATED', 'RETURNED', 'BOOKED', 'EXPLAINED'])), name='debitcase_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('return_line_id__isnull', False), ('returned_on__isnull', False), ('state', 'RETURNED')), models.Q(models.Q(('state', 'RETURNED'), _negated=True), ('return_line_id__isnull', True), ('returned_on__isnull', True)), _connector='OR'), name='debitcase_return_evidence', violation_error_message='A returned debit, and only that, names the line of the return.'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['OPEN', 'ESCALATED'])), models.Q(models.Q(('state__in', ['OPEN', 'ESCALATED']), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='debitcase_end_evidence', violation_error_message='A closed case, and only that, says when.')],
            },
        ),
        migrations.CreateModel(
            name='DebitCaseEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('channel', models.CharField(choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('serial', models.CharField(blank=True, max_length=64, verbose_name='serial')),
                ('ref', models.CharField(blank=True, max_length=64, verbose_name='reference')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('debited_on', models.DateField(blank=True, null=True, verbose_name='debit date')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('due_on', models.DateField(verbose_name='back by')),
                ('state', models.CharField(choices=[('OPEN', 'waits for the bank'), ('ESCALATED', 'the bank is late'), ('RETURNED', 'the bank returned it'), ('BOOKED', 'booked after all'), ('EXPLAINED', 'explained by a person')], default='OPEN', max_length=9, verbose_name='state')),
                ('escalated_at', models.DateTimeField(blank=True, null=True, verbose_name='escalated at')),
                ('return_line_id', models.BigIntegerField(blank=True, null=True, verbose_name='line of the return')),
                ('returned_on', models.DateField(blank=True, null=True, verbose_name='returned on')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('item', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payments.workitem', verbose_name='work item')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='payments.debitcase')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DeclarationVoid',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receivable_id', models.BigIntegerField(verbose_name='receivable')),
                ('order_id', models.BigIntegerField(blank=True, null=True, verbose_name='order')),
                ('instruction_id', models.BigIntegerField(blank=True, null=True, verbose_name='instruction')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('voided_at', models.DateTimeField(verbose_name='voided at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voids', to='enrollment.person', verbose_name='insured')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.proposal', verbose_name='proposal')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'voided declaration',
                'verbose_name_plural': 'voided declarations',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', '-id'], name='void_page'), models.Index(fields=['receivable_id'], name='void_receivable')],
                'constraints': [models.UniqueConstraint(fields=('receivable_id', 'order_id', 'instruction_id'), name='void_once', nulls_distinct=False, violation_error_message='This declaration is void already.'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='void_has_reason', violation_error_message='Please give a reason.'), models.CheckConstraint(condition=models.Q(('order_id__isnull', True), ('instruction_id__isnull', True), _connector='OR'), name='void_of_one'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99')), name='void_amount_range')],
            },
        ),
        migrations.CreateModel(
            name='PushBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('number', models.PositiveSmallIntegerField(verbose_name='batch number')),
                ('lines', models.PositiveIntegerField(verbose_name='lines')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'push to the tax office',
                'verbose_name_plural': 'pushes to the tax office',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', '-id'], name='push_page')],
                'constraints': [models.UniqueConstraint(fields=('region', 'day', 'number'), name='push_number_once'), models.CheckConstraint(condition=models.Q(('number__range', (1, 9999))), name='push_number_range'), models.CheckConstraint(condition=models.Q(('lines__gt', 0)), name='push_has_lines')],
            },
        ),
        migrations.CreateModel(
            name='PushLine',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('op', models.CharField(choices=[('A', 'new'), ('U', 'changed'), ('D', 'ended')], max_length=1, verbose_name='operation')),
                ('receivable_id', models.BigIntegerField(verbose_name='receivable')),
                ('enrollment_id', models.BigIntegerField(verbose_name='enrolment')),
                ('id_type', models.CharField(max_length=6, verbose_name='type of ID')),
                ('id_number', models.CharField(max_length=40, verbose_name='ID number')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scheme', models.CharField(max_length=3, verbose_name='scheme')),
                ('benefit_year', models.PositiveSmallIntegerField(verbose_name='benefit year')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='insured')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='payments.pushbatch', verbose_name='push')),
            ],
            options={
                'verbose_name': 'line of a push',
                'verbose_name_plural': 'lines of pushes',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['receivable_id', 'id'], name='pushline_receivable')],
                'constraints': [models.UniqueConstraint(fields=('batch', 'receivable_id'), name='pushline_once'), models.CheckConstraint(condition=models.Q(('id__gt', django.db.models.expressions.CombinedExpression(models.F('batch'), '*', models.Value(100000000))), ('id__lt', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('batch'), '*', models.Value(100000000)), '+', models.Value(100000000)))), name='pushline_key_carries_batch'), models.CheckConstraint(condition=models.Q(('op__in', ['A', 'U', 'D'])), name='pushline_op_known'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', '9999999999.99')), name='pushline_amount_range')],
            },
        ),
        migrations.CreateModel(
            name='SettlementLine',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('side', models.PositiveSmallIntegerField(choices=[(1, 'channel'), (2, 'treasury')], verbose_name='side')),
                ('channel', models.CharField(blank=True, choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], max_length=14, verbose_name='channel')),
                ('day', models.DateField(verbose_name='settlement day')),
                ('outcome', models.PositiveSmallIntegerField(choices=[(1, 'equal'), (2, 'short: only in our books'), (3, 'long: not in our books'), (4, 'amount differs'), (5, 'date differs'), (6, 'said twice')], verbose_name='outcome')),
                ('turn', models.PositiveSmallIntegerField(choices=[(1, 'received'), (2, 'returned')], verbose_name='direction')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='amount')),
                ('happened_on', models.DateField(blank=True, null=True, verbose_name='their date')),
                ('serial', models.CharField(blank=True, max_length=64, verbose_name='serial')),
                ('ref', models.CharField(blank=True, max_length=64, verbose_name='reference')),
                ('ours_kind', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'order'), (2, 'payment'), (3, 'duplicate payment'), (4, 'reversal'), (5, 'debit not posted')], null=True, verbose_name='of ours')),
                ('ours_id', models.BigIntegerField(blank=True, null=True, verbose_name='our number')),
                ('ours_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='our amount')),
                ('ours_on', models.DateField(blank=True, null=True, verbose_name='our date')),
                ('reason', models.CharField(blank=True, max_length=24, verbose_name='reason')),
                ('text', models.CharField(blank=True, max_length=1100, verbose_name='text')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'settlement line',
                'verbose_name_plural': 'settlement lines',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['side', 'ours_kind', 'ours_id'], name='settlement_ours'), models.Index(fields=['region', 'day', 'id'], name='settlement_day'), models.Index(condition=models.Q(('outcome', 1), _negated=True), fields=['outcome', 'id'], name='settlement_exceptions')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome__in', [1, 3, 4, 5]), ('side', 1), models.Q(('serial', ''), _negated=True)), fields=('channel', 'turn', 'serial', 'ref'), name='settlement_serial_once', violation_error_message='This serial of the channel was counted before.'), models.UniqueConstraint(condition=models.Q(('outcome__in', [1, 4, 5])), fields=('side', 'turn', 'ours_kind', 'ours_id'), name='settlement_ours_once', violation_error_message='Another line of this side speaks of the same money.'), models.UniqueConstraint(condition=models.Q(('outcome', 2)), fields=('side', 'turn', 'ours_kind', 'ours_id'), name='settlement_missing_once', violation_error_message='This money was missed before.'), models.CheckConstraint(condition=models.Q(('outcome__in', [1, 2, 3, 4, 5, 6]), ('side__in', [1, 2]), ('turn__in', [1, 2])), name='settlement_words_known'), models.CheckConstraint(condition=models.Q(('outcome__in', [3, 6]), models.Q(('ours_amount__isnull', False), ('ours_id__isnull', False), ('ours_kind__isnull', False)), _connector='OR'), name='settlement_ours_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 1), _negated=True), ('amount', models.F('ours_amount')), _connector='OR'), name='settlement_equal_is_equal'), models.CheckConstraint(condition=models.Q(models.Q(('side', 1), models.Q(('channel', ''), _negated=True)), ('side', 2), _connector='OR'), name='settlement_channel_named'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', '9999999999.99')), name='settlement_amount_range')],
            },
        ),
        migrations.CreateModel(
            name='PushAnswer',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='answer', serialize=False, to='payments.pushline', verbose_name='line')),
                ('file_line_id', models.BigIntegerField(verbose_name='line of the acknowledgement')),
                ('taken', models.BooleanField(verbose_name='taken')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('answered_at', models.DateTimeField(verbose_name='answered at')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'answer of the tax office',
                'verbose_name_plural': 'answers of the tax office',
                'ordering': ['line'],
                'constraints': [models.UniqueConstraint(fields=('file_line_id',), name='pushanswer_line_once'), models.CheckConstraint(condition=models.Q(('taken', False), models.Q(('reason', ''), ('taken', True)), _connector='OR'), name='pushanswer_reason', violation_error_message='Only a refusal has a reason.')],
            },
        )]),
        migrations.RemoveConstraint(
            model_name='bankfile',
            name='bankfile_applied_evidence',
        ),
        bureau.migrating.Together([migrations.AddField(
            model_name='bankfile',
            name='channel',
            field=models.CharField(blank=True, choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], db_default='', max_length=14, verbose_name='channel'),
        ),
        migrations.AddField(
            model_name='bankfile',
            name='day',
            field=models.DateField(blank=True, null=True, verbose_name='settlement day'),
        ),
        migrations.AddField(
            model_name='bankfile',
            name='kind',
            field=models.CharField(choices=[('RESULT', 'result of a debit'), ('STATEMENT', 'statement of a channel'), ('TREASURY', 'settlement of the treasury'), ('PUSH_ANSWER', 'acknowledgement of the tax office'), ('PAYOUT', 'answer to a payout')], db_default='RESULT', default='RESULT', max_length=11, verbose_name='kind of file'),
        ),
        migrations.AddField(
            model_name='bankfileevent',
            name='channel',
            field=models.CharField(blank=True, choices=[('ALIPAY', 'Alipay'), ('WECHAT', 'WeChat'), ('NHSA_APP', 'national medical insurance app'), ('BANK_APP', 'bank app'), ('ETAX', 'electronic tax office'), ('SOCIAL_APP', 'social security app'), ('SOCIAL_WECHAT', 'social security account in WeChat'), ('BANK_COUNTER', 'bank counter'), ('BANK_BATCH', 'bank batch debit'), ('POST', 'post office'), ('QR', 'QR code'), ('TAX_HALL', 'tax hall'), ('VILLAGE', 'village agent'), ('CASH', 'cash'), ('FAMILY_SHARE', "family member's medical account"), ('MINZHENGTONG', 'Minzhengtong (queries only)')], db_default='', max_length=14, verbose_name='channel'),
        ),
        migrations.AddField(
            model_name='bankfileevent',
            name='day',
            field=models.DateField(blank=True, null=True, verbose_name='settlement day'),
        ),
        migrations.AddField(
            model_name='bankfileevent',
            name='kind',
            field=models.CharField(choices=[('RESULT', 'result of a debit'), ('STATEMENT', 'statement of a channel'), ('TREASURY', 'settlement of the treasury'), ('PUSH_ANSWER', 'acknowledgement of the tax office'), ('PAYOUT', 'answer to a payout')], db_default='RESULT', default='RESULT', max_length=11, verbose_name='kind of file'),
        ),
        migrations.AddField(
            model_name='bankfile',
            name='push',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='payments.pushbatch', verbose_name='push to the tax office'),
        ),
        migrations.AddField(
            model_name='bankfileevent',
            name='push',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payments.pushbatch', verbose_name='push to the tax office'),
        )]),
        migrations.AddIndex(
            model_name='bankfile',
            index=models.Index(fields=['kind', 'region', '-id'], name='bankfile_kind_page'),
        ),
        bureau.migrating.Together([migrations.AddConstraint(
            model_name='bankfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'APPLIED'), _negated=True), models.Q(('finished_at__isnull', False), models.Q(('batch__isnull', False), models.Q(('kind', 'RESULT'), _negated=True), _connector='OR')), _connector='OR'), name='bankfile_applied_evidence'),
        ),
        migrations.AddConstraint(
            model_name='bankfile',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['RESULT', 'STATEMENT', 'TREASURY', 'PUSH_ANSWER', 'PAYOUT'])), name='bankfile_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='bankfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['STATEMENT', 'TREASURY']), ('state', 'APPLIED'), _negated=True), models.Q(('day__isnull', False), ('region__isnull', False)), _connector='OR'), name='bankfile_day_evidence'),
        )]),
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.RemoveTrigger(
                model_name='bankfile',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='bankfile',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='bankfile',
                name='delete_delete',
            ), pgtrigger.migrations.AddTrigger(
                model_name='bankfile',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_bankfileevent" ("amount", "bank_id", "batch_id", "channel", "content_sha256", "day", "debited", "finished_at", "header", "id", "kind", "lines", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "push_id", "reasons", "region_id", "released_at", "released_by_id", "report", "seconds", "sha256", "size", "state", "stored_as", "uploaded_at", "uploaded_by_id") SELECT new_values."amount", new_values."bank_id", new_values."batch_id", new_values."channel", new_values."content_sha256", new_values."day", new_values."debited", new_values."finished_at", new_values."header", new_values."id", new_values."kind", new_values."lines", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."push_id", new_values."reasons", new_values."region_id", new_values."released_at", new_values."released_by_id", new_values."report", new_values."seconds", new_values."sha256", new_values."size", new_values."state", new_values."stored_as", new_values."uploaded_at", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3f62ce0a471ba149dab6ba706200ab472d19aa51', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f2603', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_bankfile', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='bankfile',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_bankfileevent" ("amount", "bank_id", "batch_id", "channel", "content_sha256", "day", "debited", "finished_at", "header", "id", "kind", "lines", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "push_id", "reasons", "region_id", "released_at", "released_by_id", "report", "seconds", "sha256", "size", "state", "stored_as", "uploaded_at", "uploaded_by_id") SELECT new_values."amount", new_values."bank_id", new_values."batch_id", new_values."channel", new_values."content_sha256", new_values."day", new_values."debited", new_values."finished_at", new_values."header", new_values."id", new_values."kind", new_values."lines", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."push_id", new_values."reasons", new_values."region_id", new_values."released_at", new_values."released_by_id", new_values."report", new_values."seconds", new_values."sha256", new_values."size", new_values."state", new_values."stored_as", new_values."uploaded_at", new_values."uploaded_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='482ecbd250f83e9108f8f6658059ce0ab944a9c7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_be3a2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_bankfile', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='bankfile',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_bankfileevent" ("amount", "bank_id", "batch_id", "channel", "content_sha256", "day", "debited", "finished_at", "header", "id", "kind", "lines", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "push_id", "reasons", "region_id", "released_at", "released_by_id", "report", "seconds", "sha256", "size", "state", "stored_as", "uploaded_at", "uploaded_by_id") SELECT old_values."amount", old_values."bank_id", old_values."batch_id", old_values."channel", old_values."content_sha256", old_values."day", old_values."debited", old_values."finished_at", old_values."header", old_values."id", old_values."kind", old_values."lines", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."push_id", old_values."reasons", old_values."region_id", old_values."released_at", old_values."released_by_id", old_values."report", old_values."seconds", old_values."sha256", old_values."size", old_values."state", old_values."stored_as", old_values."uploaded_at", old_values."uploaded_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='82d59ec32a1a8faefe663c035488fdc34fe65643', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f9481', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_bankfile', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='debitcase',
                trigger=pgtrigger.compiler.Trigger(name='payments_debitcase_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'ESCALATED\', \'BOOKED\'), (\'ESCALATED\', \'EXPLAINED\'), (\'ESCALATED\', \'RETURNED\'), (\'OPEN\', \'BOOKED\'), (\'OPEN\', \'ESCALATED\'), (\'OPEN\', \'EXPLAINED\'), (\'OPEN\', \'RETURNED\')) THEN RAISE EXCEPTION \'payments_debitcase: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'payments_debitcase\'; END IF; RETURN NEW;', hash='8e2dde88d72550f3d288579492accde47f10c3ce', operation='UPDATE OF "state"', pgid='pgtrigger_payments_debitcase_moves_a9190', table='payments_debitcase', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='debitcase',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_debitcaseevent" ("amount", "channel", "closed_at", "debited_on", "due_on", "escalated_at", "id", "item_id", "opened_at", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "region_id", "return_line_id", "returned_on", "serial", "state") SELECT new_values."amount", new_values."channel", new_values."closed_at", new_values."debited_on", new_values."due_on", new_values."escalated_at", new_values."id", new_values."item_id", new_values."opened_at", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref", new_values."region_id", new_values."return_line_id", new_values."returned_on", new_values."serial", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dc98ee25c02dd57d0e353b8403f06dbc112e40ff', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_068d0', referencing='REFERENCING NEW TABLE AS new_values ', table='payments_debitcase', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='debitcase',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_debitcaseevent" ("amount", "channel", "closed_at", "debited_on", "due_on", "escalated_at", "id", "item_id", "opened_at", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "region_id", "return_line_id", "returned_on", "serial", "state") SELECT new_values."amount", new_values."channel", new_values."closed_at", new_values."debited_on", new_values."due_on", new_values."escalated_at", new_values."id", new_values."item_id", new_values."opened_at", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref", new_values."region_id", new_values."return_line_id", new_values."returned_on", new_values."serial", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='86e1dbd591418ae5503b867d85b225e39df604d1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_ccafe', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payments_debitcase', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='debitcase',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payments_debitcaseevent" ("amount", "channel", "closed_at", "debited_on", "due_on", "escalated_at", "id", "item_id", "opened_at", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "region_id", "return_line_id", "returned_on", "serial", "state") SELECT old_values."amount", old_values."channel", old_values."closed_at", old_values."debited_on", old_values."due_on", old_values."escalated_at", old_values."id", old_values."item_id", old_values."opened_at", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref", old_values."region_id", old_values."return_line_id", old_values."returned_on", old_values."serial", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='fee80384d8cf83a14453387e0e15bd8944a87e21', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3c25b', referencing='REFERENCING OLD TABLE AS old_values ', table='payments_debitcase', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='debitcaseevent',
                trigger=pgtrigger.compiler.Trigger(name='payments_debitcaseevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_debitcaseevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_debitcaseevent';", hash='1845391eaa77bf8e448b9d197b67a993bd33a296', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_debitcaseevent_no_truncate_40531', table='payments_debitcaseevent', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='debitcaseevent',
                trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a41390d566ec7d95fc914b4ea84c427c3a2fb0ba', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_25d5c', table='payments_debitcaseevent', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='declarationvoid',
                trigger=pgtrigger.compiler.Trigger(name='payments_declarationvoid_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_declarationvoid is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_declarationvoid';", hash='1f950c89689681e74e6d2da2a07be34f0c51b49b', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_declarationvoid_no_change_e8ec5', table='payments_declarationvoid', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='declarationvoid',
                trigger=pgtrigger.compiler.Trigger(name='payments_declarationvoid_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_declarationvoid is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_declarationvoid';", hash='8606d23a7b1d6101daf24ef90d6c77952142b874', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_declarationvoid_no_truncate_5cb91', table='payments_declarationvoid', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='pushline',
                trigger=pgtrigger.compiler.Trigger(name='payments_pushline_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pushline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pushline';", hash='35c99fd1047d5e8f13a6d08e8bfc47f933aef944', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_pushline_no_change_ab0c7', table='payments_pushline', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='pushline',
                trigger=pgtrigger.compiler.Trigger(name='payments_pushline_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pushline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pushline';", hash='e78f39b265127f808bd0c585c9e57ac618a9e8dc', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_pushline_no_truncate_e0f37', table='payments_pushline', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='pushbatch',
                trigger=pgtrigger.compiler.Trigger(name='payments_pushbatch_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pushbatch is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pushbatch';", hash='71817b3ab69ffcf562d2e4f6bdc1db373e69b26a', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_pushbatch_no_change_453b5', table='payments_pushbatch', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='pushbatch',
                trigger=pgtrigger.compiler.Trigger(name='payments_pushbatch_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pushbatch is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pushbatch';", hash='46b0802d556724ad7d292eed2a180df864844b7a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_pushbatch_no_truncate_4e5d4', table='payments_pushbatch', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='settlementline',
                trigger=pgtrigger.compiler.Trigger(name='payments_settlementline_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_settlementline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_settlementline';", hash='c553d7fb841dbf94f0461f98c5e4f5ff01af989b', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_settlementline_no_change_89bbb', table='payments_settlementline', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='settlementline',
                trigger=pgtrigger.compiler.Trigger(name='payments_settlementline_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_settlementline is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_settlementline';", hash='baf4e35cd951dd427248cc69072d825b39330f67', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_settlementline_no_truncate_7c1f6', table='payments_settlementline', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='pushanswer',
                trigger=pgtrigger.compiler.Trigger(name='payments_pushanswer_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pushanswer is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pushanswer';", hash='529c8ba7253399dea65832185e4740b6cf15d8d3', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_pushanswer_no_change_8694e', table='payments_pushanswer', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='pushanswer',
                trigger=pgtrigger.compiler.Trigger(name='payments_pushanswer_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pushanswer is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pushanswer';", hash='577d80281caa808962c11b35210b9009fdb8c668', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_pushanswer_no_truncate_5b263', table='payments_pushanswer', when='BEFORE')),
            )],
        ),
        bureau.migrating.Together([migrations.AlterField(
            model_name='workitem',
            name='kind',
            field=models.CharField(choices=[('UNMATCHED', 'debited, not matched'), ('REJECTED_MONEY', 'debited, line refused'), ('UNKNOWN_CODE', 'unknown result code'), ('CONTRADICTION', 'answer contradicts a posted payment'), ('REVERSED', 'bank took a payment back'), ('LATE_OK', 'debited after all'), ('SWAP', 'earlier debit would give better cover'), ('LONG', 'long: only the other side has it'), ('SHORT', 'short: only our books have it'), ('STATED_AMOUNT', 'another amount than ours'), ('STATED_DATE', 'another date than ours'), ('RETURN_UNKNOWN', 'returned, not known to us')], max_length=16, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='workitemevent',
            name='kind',
            field=models.CharField(choices=[('UNMATCHED', 'debited, not matched'), ('REJECTED_MONEY', 'debited, line refused'), ('UNKNOWN_CODE', 'unknown result code'), ('CONTRADICTION', 'answer contradicts a posted payment'), ('REVERSED', 'bank took a payment back'), ('LATE_OK', 'debited after all'), ('SWAP', 'earlier debit would give better cover'), ('LONG', 'long: only the other side has it'), ('SHORT', 'short: only our books have it'), ('STATED_AMOUNT', 'another amount than ours'), ('STATED_DATE', 'another date than ours'), ('RETURN_UNKNOWN', 'returned, not known to us')], max_length=16, verbose_name='kind'),
        )]),
    ]
