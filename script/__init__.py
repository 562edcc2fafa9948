"""What a developer runs: set-up, tests, the demo."""
