"""A small shop whose tasks somebody looks at."""
