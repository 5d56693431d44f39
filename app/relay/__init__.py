"""Receiving behind NAT: what the public front and the counter say to each other through NATS JetStream (see README.md)."""
