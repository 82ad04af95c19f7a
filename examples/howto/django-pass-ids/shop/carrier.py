"""The company that brings the parcels."""


def label_for(address: str) -> str:
    """Return a label for an address."""
    return f"to {address}"
