"""HubRise: mapping, connector and simulator."""
