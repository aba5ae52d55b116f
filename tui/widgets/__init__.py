"""What the screens are built of: widgets that write few bytes."""
