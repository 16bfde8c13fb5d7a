"""The outage rule: who could not reach the service near a deadline gets the time back, all alike, and is told so.

It extends and never shortens, once for each outage and brief, and never after the opening.
"""
