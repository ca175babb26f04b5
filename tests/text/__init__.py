"""Tests of the folder text."""
