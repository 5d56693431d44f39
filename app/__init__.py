"""Order Console: one counter program for every takeaway platform a restaurant sells on."""

__version__ = "0.1.0"
