"""The web application as a server takes it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strigil.settings")

application = get_wsgi_application()

from strigil.accounts.kind import check_kind  # noqa: E402 - the models are there only now

check_kind()
