"""Settings of a server with a fault planted in it."""

from strigil.settings import *  # noqa: F403 - the settings, with one thing changed
from strigil.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.serve.plants.Plants"]
