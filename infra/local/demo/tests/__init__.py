"""Tests of the widget shop."""
