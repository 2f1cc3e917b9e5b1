"""Who may: clinics, users, roles, sign-in and the one policy gate."""
