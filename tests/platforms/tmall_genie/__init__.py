"""Tests of the Tmall Genie folder."""
