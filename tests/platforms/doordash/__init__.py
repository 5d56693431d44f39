"""Tests of the DoorDash folder."""
