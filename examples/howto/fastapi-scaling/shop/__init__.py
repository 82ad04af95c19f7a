"""A shop with fast tasks and slow ones."""
