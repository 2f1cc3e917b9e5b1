"""What was done: the record and its pages."""
