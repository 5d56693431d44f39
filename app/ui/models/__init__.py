"""What the screen knows of the engine."""
