"""Who may call off from a framework: named when it is made, joined and left later by recorded events, each from a day.

Accession: the framework's lead asks and, once the framework is live, a second lead says yes; or, where the framework says
who may accede, the agency itself signs. Nobody is entitled backwards, and what was true stays on the list with its days.
"""
