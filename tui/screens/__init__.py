"""The application's pages, one module each, and what pages alone use: drafts, advice, data fields.

They know the application by the protocol in ``laboratory``.
"""
