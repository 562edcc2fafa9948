"""A simulated village: its homes, one Linky, the organiser's server. Never ships."""
