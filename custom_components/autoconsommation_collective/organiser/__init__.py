"""An organiser's entry: its books, and what it publishes from them."""
