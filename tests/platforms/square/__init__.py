"""Tests of the Square platform."""
