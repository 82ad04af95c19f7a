"""A shop whose workers are upgraded while messages wait."""
