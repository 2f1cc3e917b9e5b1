"""How the record is kept, moved and brought in: backups, restores, checks, exports, imports."""
