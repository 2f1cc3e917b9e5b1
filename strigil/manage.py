"""Django's own commands, for those who run or build Strigil: ``python -m strigil.manage COMMAND``."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strigil.settings")
    execute_from_command_line(sys.argv)
