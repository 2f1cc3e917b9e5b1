"""Settings as somebody left them who looked for a fault."""

from strigil.settings import *  # noqa: F403 - the settings, with one thing changed

DEBUG = True
