"""Where the fuzzer is not installed (atheris has no wheel for every Python), the run says so at its end."""

from __future__ import annotations

import importlib.util

import pytest

HERE = importlib.util.find_spec("atheris") is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not HERE:
        terminalreporter.section("NOT FUZZED: atheris is not installed here", sep="!", red=True)
