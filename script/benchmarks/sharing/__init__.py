"""Homes that share the sun for a year: what is published, what they plan, what comes of it."""
