"""Looking at openings, assessments, results, awards and letters, each for those who may."""
