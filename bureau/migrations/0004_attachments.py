import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0003_role_conflicts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=60, verbose_name='subject type')),
                ('subject_id', models.CharField(max_length=40, verbose_name='subject')),
                ('kind', models.CharField(blank=True, max_length=20, verbose_name='kind')),
                ('name', models.CharField(max_length=100, verbose_name='file name')),
                ('stored_as', models.CharField(editable=False, max_length=36, verbose_name='stored as')),
                ('content_type', models.CharField(choices=[('image/jpeg', 'JPEG'), ('image/png', 'PNG'), ('application/pdf', 'PDF')], max_length=20, verbose_name='type')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('width', models.PositiveIntegerField(default=0, verbose_name='width')),
                ('height', models.PositiveIntegerField(default=0, verbose_name='height')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('uploaded_at', models.DateTimeField(verbose_name='at')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('uploaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='attachment_subject')],
                'constraints': [models.UniqueConstraint(fields=('stored_as',), name='attachment_stored_once'), models.CheckConstraint(condition=models.Q(('stored_as__regex', '^[0-9a-f]{32}[.](jpg|png|pdf)$')), name='attachment_stored_random'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='attachment_digest_format'), models.CheckConstraint(condition=models.Q(('content_type__in', ['image/jpeg', 'image/png', 'application/pdf'])), name='attachment_type_known'), models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='attachment_not_empty')],
                'triggers': [pgtrigger.compiler.Trigger(name='bureau_attachment_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_attachment is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_attachment';", hash='7fa613685773403a3d379f7ab86516f21252d84d', operation='UPDATE OR DELETE', pgid='pgtrigger_bureau_attachment_no_change_b3c27', table='bureau_attachment', when='BEFORE')), pgtrigger.compiler.Trigger(name='bureau_attachment_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_attachment is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'bureau_attachment';", hash='e49ecbb7e773dede725b560780309b73df890580', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_bureau_attachment_no_truncate_22ae9', table='bureau_attachment', when='BEFORE'))],
            },
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
