"""Looks for known faults: packages by their advisories, code by bandit and by rules of our own."""
