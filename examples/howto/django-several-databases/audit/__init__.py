"""Who has done what; kept apart from the shop."""
