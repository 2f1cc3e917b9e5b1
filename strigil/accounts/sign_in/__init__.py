"""Signing in: passwords and tries, the second factor, how long a session lives, links that work once.

``models`` is what is kept, ``throttle`` slows who guesses, ``session`` holds a sign-in between its two steps and ends
it, ``second`` is the second factor over allauth's, ``links`` are invitations and resets.
"""
