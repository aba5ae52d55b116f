"""What a person can do to runs: prepare, submit, hold, cancel, resume, extend, delete, adopt.

Both the command and the application call these; they write requests into a home and start nothing.
"""
