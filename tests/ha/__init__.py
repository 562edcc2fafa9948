"""The integration inside a real Home Assistant, with its real recorder."""
