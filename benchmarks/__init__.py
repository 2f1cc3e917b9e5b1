"""Timings on stated sizes. They print figures and assert nothing."""
