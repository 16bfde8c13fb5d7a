"""Closing a brief early, once everybody invited has answered: asked for by a commissioner, agreed by an approver, told to all."""
