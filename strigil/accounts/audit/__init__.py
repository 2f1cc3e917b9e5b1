"""The log: who saw and changed what. Each clinic has its own, sealed line by line into a chain.

``models`` is what is kept, ``triggers`` what the database does by itself, ``said`` who is at work and what was read,
``chain`` how lines are written and sealed, ``verify`` how it is found out that somebody tampered with them.
"""
