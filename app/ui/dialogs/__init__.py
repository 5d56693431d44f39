"""Questions asked in front of the window, never with a nested event loop."""
