import django.db.models.deletion
from django.db import migrations, models


def as_a_whole(apps, schema_editor):
    """An override made before it listed what it overrides was one of the screen as a whole."""
    for row in apps.get_model("clinic", "Override").objects.select_related("screening"):
        what = f"The screen of {row.screening.on.isoformat()} said {row.outcome}."
        row.overridden = [{"key": "", "kind": "screen", "outcome": row.outcome, "what": what, "site": None}]
        row.save(update_fields=["overridden"])


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="override",
            name="overridden",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="override",
            name="screening",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="overrides", to="clinic.screening"
            ),
        ),
        migrations.AlterField(
            model_name="override",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="overrides", to="clinic.visit"
            ),
        ),
        migrations.RunPython(as_a_whole, migrations.RunPython.noop, elidable=True),
    ]
