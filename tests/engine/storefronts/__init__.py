"""Tests of what the console does with the abilities of platforms beyond orders."""
