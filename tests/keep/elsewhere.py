"""``python -m tests.keep.elsewhere WHAT``: looks into the database of the environment and prints what it finds."""

from __future__ import annotations

import pickle
import sys

if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connection

    from strigil.clinic.models import RequestCount
    from tests.keep.hands import rows

    match sys.argv[1]:
        case "rows":
            found = rows()
        case "everything":
            found = rows(log=True)
        case "tables":
            found = connection.introspection.table_names()
        case "another":
            last = RequestCount.objects.latest("id")
            found = RequestCount.objects.create(clinic_id=last.clinic_id, at=last.at, source="b").pk - last.pk
        case "northside":
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO accounts_clinic (id, name, time_zone, is_demo, created_at)"
                    " VALUES ('01900000000070008000000000000000', 'Northside', 'Europe/London', %s,"
                    " '2026-01-05 09:00:00.000001')",
                    [False],
                )
            found = None
    sys.stdout.buffer.write(pickle.dumps(found))
