"""Looking in the directory: what there is to look for, and who answers."""
