"""A shop that says where its code runs."""
