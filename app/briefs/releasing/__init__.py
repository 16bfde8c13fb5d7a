"""Letting through what the identity guard found: one person asks and says why, an approver who wrote nothing of it decides."""
