"""A calendar of one's own briefs' deadlines, for a calendar program that cannot sign in: behind a secret address that can end."""
