"""What pages accept, by step. Nothing is preselected that bears on safety, side or today's state."""
