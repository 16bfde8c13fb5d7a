"""The card of a provider that a family can read: written and shown by the provider, found and compared by anybody."""
