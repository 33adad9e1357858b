"""What looks across the apps: imported by none."""
