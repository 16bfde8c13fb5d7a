"""An existing approved list from a spreadsheet: read and shown first, approved by a second person, then all of it or nothing.

Providers are known again by an official number, never by name alone. One that nobody knows is written down without anybody
in it, and the address in the sheet is invited to take its owner's seat. Every membership still waits for a signature, and
a date of expiry is kept as what the lead states, until the provider supplies the paper and a checker looks at it.
"""
