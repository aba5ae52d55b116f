"""What tests share: made-up runs, the application, the command, a terminal, a server, faults."""
