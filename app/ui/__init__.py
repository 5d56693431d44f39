"""The desktop console. Everything here runs on the UI thread; the engine is reached through its facade only."""
