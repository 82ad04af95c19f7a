"""Says that it is ready, and ends."""

print("ready")
