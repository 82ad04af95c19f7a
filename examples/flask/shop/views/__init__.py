"""The HTTP interface, one blueprint per module."""
