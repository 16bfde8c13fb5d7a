"""Letting through what the identity guard found: one person asks, an approver who wrote nothing of it decides; both say why."""
