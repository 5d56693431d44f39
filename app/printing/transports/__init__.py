"""Ways to a printer: each makes a channel of bytes for the one set of delivery rules in device.py."""
