"""Platforms a restaurant sells on: one folder each, all behind the contract in `api`."""
