"""An agency's board of its briefs, stage by stage: what each needs next, and from whom."""
