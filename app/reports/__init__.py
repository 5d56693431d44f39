"""Read-only figures over the store: functions that take a connection and answer frozen values."""
