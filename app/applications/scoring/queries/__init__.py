"""Looking at the scoring of applications: what rounds ask, how parts stand, the rooms of assessors and leads."""
