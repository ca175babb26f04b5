"""Tests of the server and the command line."""
