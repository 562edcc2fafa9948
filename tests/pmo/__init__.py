"""Tests of the feed: contract, seal, invitation and client."""
