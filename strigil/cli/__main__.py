"""``python -m strigil.cli``: the same as ``strigil``."""

import sys

from strigil.cli import main

sys.exit(main())
