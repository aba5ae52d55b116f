"""The application's screens, one module each, with their drafts, advice and data fields.

They know the application by the protocol in ``laboratory``.
"""
