"""What an order is and how it may change: standard library only, no Qt, no SQL, no HTTP."""
