"""Tests of the simulated village."""
