"""Real parts only: Home Assistant, its frontend in a Chromium, an organiser's server."""
