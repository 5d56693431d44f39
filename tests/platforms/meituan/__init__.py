"""Tests of Meituan; a package, so that its helper can be imported."""
