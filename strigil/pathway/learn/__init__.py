"""Learn: what many courses and many trials add up to, without claiming more than they can show."""
