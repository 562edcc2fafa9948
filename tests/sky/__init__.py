"""Tests of the weather services: what is asked, and what is made of the answers."""
