"""The web application as a server takes it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strigil.settings")

application = get_wsgi_application()

from strigil.accounts.audit.events import knowledge_in_use  # noqa: E402 - needs the settings
from strigil.accounts.audit.start import refuse_an_unsafe_database  # noqa: E402 - needs the settings
from strigil.accounts.kind import check_kind  # noqa: E402 - needs the settings

check_kind()
refuse_an_unsafe_database()
knowledge_in_use()
