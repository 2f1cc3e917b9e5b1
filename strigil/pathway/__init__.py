"""What follows from the knowledge: pure functions, one module for each step of care.

``evaluate``, ``screen``, ``plan``, ``treat``, ``respond``, ``measure``, ``learn``.
"""
