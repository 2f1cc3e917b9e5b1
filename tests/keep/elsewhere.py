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
        case "tables":
            found = connection.introspection.table_names()
        case "another":
            last = RequestCount.objects.latest("id")
            found = RequestCount.objects.create(clinic_id=last.clinic_id, at=last.at, source="b").pk - last.pk
    sys.stdout.buffer.write(pickle.dumps(found))
