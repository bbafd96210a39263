"""Runs Django's own test suite with and without the recorder and compares every test's outcome."""
