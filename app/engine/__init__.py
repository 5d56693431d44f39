"""The I/O loop: accounts, ingest, outbox, spooler, schedule. No Qt object lives here."""
