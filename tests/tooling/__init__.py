"""The scripts around the integration."""
