"""What to do about it: what changed, what is stuck, and who needs help."""
