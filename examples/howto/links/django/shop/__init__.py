"""A shop that writes letters with links."""
