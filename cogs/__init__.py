"""What Discord sends us, translated for the service: one file a way in."""
