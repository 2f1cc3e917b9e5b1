from django.db import connection
from django.db.models.expressions import RawSQL


def planted(name, model, fixed):
    with connection.cursor() as cursor:
        # ruleid: sql-in-pieces
        cursor.execute(f"SELECT * FROM clinic_patient WHERE name = '{name}'")
        # ruleid: sql-in-pieces
        cursor.execute("SELECT * FROM clinic_patient WHERE name = '%s'" % name)
        # ruleid: sql-in-pieces
        cursor.execute("SELECT * FROM clinic_patient WHERE name = '" + name + "'")
        # ruleid: sql-in-pieces
        cursor.execute("SELECT * FROM clinic_patient WHERE name = '{}'".format(name))
        asked = f"SELECT * FROM clinic_patient ORDER BY {name}"
        # ruleid: sql-in-pieces
        cursor.execute(asked)
        # ok: sql-in-pieces
        cursor.execute("SELECT * FROM clinic_patient WHERE name = %s", [name])
    # ruleid: sql-in-pieces
    model.objects.raw(f"SELECT * FROM clinic_patient WHERE name = '{name}'")
    # ruleid: sql-in-pieces
    model.objects.extra(where=[name])
    # ruleid: sql-in-pieces
    return model.objects.annotate(x=RawSQL(f"{name}", []))
