"""Tests of the Just Eat platform."""
