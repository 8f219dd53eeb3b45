"""What every floor stands on: settings, errors, ids, secrets, file storage, the egress guard, telemetry."""
