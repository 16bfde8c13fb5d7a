"""Mini-competition briefs: what a family needs, told so that no child can be known by it.

draft -> published -> closed -> opened -> awarded; cancelled before the award. Phases are derived from moments and the clock.
Publishing freezes the criteria and invites every eligible member of the lot and region, each with the reason why. The text is
scanned for what could identify a child before anybody else sees it. What changes afterwards is a version (`amending`), also
when the service was away near the deadline (`outages`).
"""
