from django.conf import settings
from django.db import migrations, models


def count_what_is_empty(apps, schema_editor):
    """PostgreSQL would take most of a new column for filled, and read a whole table for the few rows that are."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('ANALYZE clinic_auditevent')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_log_of_sign_ins'),
        ('clinic', '0014_audit_event_by_time'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='screening',
            options={'ordering': ['id']},
        ),
        migrations.RemoveIndex(
            model_name='screening',
            name='clinic_scre_course__53ef6b_idx',
        ),
        migrations.AddField(
            model_name='auditevent',
            name='ahead',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('ahead__isnull', False)), fields=['clinic', 'at'], name='audit_event_clock_behind'),
        ),
        migrations.AddIndex(
            model_name='screening',
            index=models.Index(fields=['course', 'id'], name='screening_of_a_course'),
        ),
        migrations.RunPython(count_what_is_empty, migrations.RunPython.noop),
    ]
