"""A pretend high street: simulated platforms, customers, couriers and printers, and the staff that serves them."""
