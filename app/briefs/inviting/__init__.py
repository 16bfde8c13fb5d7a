"""What comes with the publication of a brief: how many people approve it, and whom it invites, with the reasons, as evidence."""
