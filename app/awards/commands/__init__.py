"""Changing what stands between the close of a brief and its letters: one verb each, whole or not at all."""
