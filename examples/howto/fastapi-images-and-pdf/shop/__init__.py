"""A shop that makes thumbnails and invoices."""
