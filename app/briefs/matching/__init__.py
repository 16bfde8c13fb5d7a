"""Pages about whom a brief was sent to, for the agency and for each member; and the value above which two approve."""
