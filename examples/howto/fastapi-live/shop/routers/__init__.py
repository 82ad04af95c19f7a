"""The HTTP interface, one router per module."""
