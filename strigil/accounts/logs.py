"""What a log may hold."""

from __future__ import annotations

import logging
import re

_LINK = re.compile(r"/(check-in|own)/[^\s?#]+")


class NoLinks(logging.Filter):
    """A patient's link is a key: it is left out of every line, as a log is read by more people than a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        without = _LINK.sub(r"/\1/…", said)
        if without != said:
            record.msg, record.args = without, ()
        return True
