"""Negative controls of the conformance suite."""
