"""WooCommerce against its simulator."""
