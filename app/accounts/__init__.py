"""People and how they sign in.

A person registers with an e-mail address, confirms it by a link, and signs in with a password (argon2id). A session is a row
that can be ended; its cookie holds a random token of which only the digest is stored. One-time links (confirm, reset) are
rows too, used once. Wrong passwords are counted per address and per host, and counting is never per process.
"""
