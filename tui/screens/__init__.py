"""The application's screens, one a file."""
