import django.db.models.deletion
import strigil.accounts.models
import strigil.clinic.models.appointment
from django.conf import settings
from django.db import migrations, models


NAME = "appointment_one_at_a_time"
TAKES_TIME = "status IN ('requested', 'booked', 'arrived')"
"""The statuses that keep a time from others."""

POSTGRESQL = {
    # A range of clinicians from one to the same: it lets a GiST index compare them without any extension.
    "make": (
        "CREATE TYPE clinician_range AS RANGE (SUBTYPE = uuid)",
        f"ALTER TABLE clinic_appointment ADD CONSTRAINT {NAME} EXCLUDE USING gist "
        "(clinician_range(clinician_id, clinician_id, '[]') WITH &&, tstzrange(starts, ends) WITH &&) "
        f"WHERE ({TAKES_TIME})",
    ),
    "drop": (
        f"ALTER TABLE clinic_appointment DROP CONSTRAINT {NAME}",
        "DROP TYPE clinician_range",
    ),
}
SQLITE = {
    "make": tuple(
        f"CREATE TRIGGER {NAME}_{event} BEFORE {when} ON clinic_appointment WHEN NEW.{TAKES_TIME} AND EXISTS ("
        "SELECT 1 FROM clinic_appointment WHERE clinician_id = NEW.clinician_id AND id <> NEW.id "
        f"AND starts < NEW.ends AND ends > NEW.starts AND {TAKES_TIME}"
        f") BEGIN SELECT RAISE(ABORT, '{NAME}'); END"
        for event, when in (("insert", "INSERT"), ("update", "UPDATE OF clinician_id, starts, ends, status"))
    ),
    "drop": (f"DROP TRIGGER {NAME}_insert", f"DROP TRIGGER {NAME}_update"),
}


def refuse_double_booking(apps, schema_editor):
    _run("make", schema_editor)


def allow_double_booking(apps, schema_editor):
    _run("drop", schema_editor)


def _run(what, schema_editor):
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for one in statements[what]:
        schema_editor.execute(one, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('clinic', '0006_draft'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.UUIDField(default=strigil.accounts.models.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('starts', models.DateTimeField()),
                ('ends', models.DateTimeField()),
                ('time_zone', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('requested', 'Asked for'), ('booked', 'Booked'), ('arrived', 'Here'), ('cancelled', 'Cancelled'), ('missed', 'Did not come')], default='booked', max_length=10)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('clinician', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL)),
                ('course', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='clinic.course')),
                ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='clinic.patient')),
            ],
            options={
                'ordering': ['starts', 'id'],
                'indexes': [models.Index(fields=['clinic', 'starts'], name='clinic_appo_clinic__5b6df9_idx'), models.Index(condition=models.Q(('status', 'requested')), fields=['clinic', 'status'], name='appointment_asked_for'), models.Index(fields=['clinician', 'starts'], name='clinic_appo_clinici_aa2cfe_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'booked', 'arrived', 'cancelled', 'missed'])), name='appointment_status_is_known_word'), models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='appointment_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('patient__isnull', False), models.Q(models.Q(('name', ''), _negated=True), ('status__in', ['requested', 'cancelled'])), _connector='OR'), name='appointment_is_somebodys')],
            },
        ),
        migrations.CreateModel(
            name='BookableTime',
            fields=[
                ('id', models.UUIDField(default=strigil.accounts.models.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('weekday', models.PositiveSmallIntegerField()),
                ('begins', models.TimeField()),
                ('until', models.TimeField()),
                ('minutes', models.PositiveSmallIntegerField()),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('clinician', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bookable_times', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['weekday', 'begins', 'id'],
                'indexes': [models.Index(fields=['clinic', 'weekday'], name='clinic_book_clinic__85e058_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='bookable_time_on_a_weekday'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('begins'))), name='bookable_time_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('minutes__gte', 5), ('minutes__lte', 240)), name='bookable_time_5_to_240'), models.UniqueConstraint(fields=('clinician', 'weekday', 'begins'), name='bookable_time_once')],
            },
        ),
        migrations.CreateModel(
            name='ClosedDays',
            fields=[
                ('id', models.UUIDField(default=strigil.accounts.models.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('clinician', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['first', 'id'],
                'indexes': [models.Index(fields=['clinic', 'last'], name='clinic_clos_clinic__bd45d1_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='closed_days_end_after_they_begin')],
            },
        ),
        migrations.CreateModel(
            name='RequestCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('source', models.CharField(max_length=64)),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
            ],
            options={
                'indexes': [models.Index(fields=['clinic', 'source', 'at'], name='clinic_requ_clinic__74eb92_idx')],
            },
        ),
        migrations.CreateModel(
            name='RequestPage',
            fields=[
                ('id', models.UUIDField(default=strigil.accounts.models.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('is_open', models.BooleanField(default=False)),
                ('address', models.SlugField(default=strigil.clinic.models.appointment.unguessable, max_length=60, unique=True)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('notice_hours', models.PositiveSmallIntegerField(default=24)),
                ('days_ahead', models.PositiveSmallIntegerField(default=28)),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic',), name='request_page_once_a_clinic'), models.CheckConstraint(condition=models.Q(('days_ahead__gte', 1), ('days_ahead__lte', 180)), name='request_page_1_to_180_days'), models.CheckConstraint(condition=models.Q(('notice_hours__lte', 336)), name='request_page_notice_up_to_14_days')],
            },
        ),
        migrations.RunPython(refuse_double_booking, allow_double_booking),
    ]
