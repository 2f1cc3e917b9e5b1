import django.db.models.deletion
import strigil.accounts.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('clinic', '0002_override_lists_what_it_overrides'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.UUIDField(default=strigil.accounts.models.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('indication', models.CharField(max_length=60)),
                ('status', models.CharField(max_length=10)),
                ('verdict', models.CharField(max_length=12)),
                ('visits', models.PositiveIntegerField()),
                ('reactions_asked', models.PositiveIntegerField()),
                ('adverse', models.PositiveIntegerField()),
                ('treatments', models.PositiveIntegerField()),
                ('seconds_recorded', models.PositiveIntegerField()),
                ('force_measured', models.PositiveIntegerField()),
                ('knowledge_version', models.CharField(max_length=40)),
            ],
        ),
        migrations.AddIndex(
            model_name='course',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['clinic', 'indication'], name='course_open'),
        ),
        migrations.AddField(
            model_name='tally',
            name='clinic',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic'),
        ),
        migrations.AddField(
            model_name='tally',
            name='course',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='tally', to='clinic.course'),
        ),
        migrations.AddField(
            model_name='tally',
            name='created_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='tally',
            index=models.Index(fields=['clinic', 'indication', 'status', 'verdict', 'visits', 'reactions_asked', 'adverse', 'treatments', 'seconds_recorded', 'force_measured'], name='tally_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='tally',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['finished', 'stopped'])), name='tally_status_is_known_word'),
        ),
        migrations.AddConstraint(
            model_name='tally',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['improved', 'worse', 'within_error', 'unknown'])), name='tally_verdict_is_known_word'),
        ),
    ]
