"""Programs that measure what the reference tables say; each writes one file of `data`."""
