"""What each person sees first: what needs me today."""
