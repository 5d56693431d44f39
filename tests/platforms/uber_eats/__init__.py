"""Uber Eats: mapping, connector and simulator, of both generations."""
