"""The demo clinic: made-up people in every state of care, and published cases entered as reported."""
