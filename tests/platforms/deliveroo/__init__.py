"""Tests of the Deliveroo platform."""
