"""Settings as somebody left them who looked for a fault."""

from strigil.settings import *  # noqa: F403

DEBUG = True
