"""Writing a brief in minutes: from a template or a copy, on one page, checked as it is written."""
