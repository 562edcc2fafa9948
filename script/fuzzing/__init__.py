"""Every reader of what others wrote, given bytes that nobody meant."""
