"""The verifier: finds every block that a page shows, runs or checks it, and keeps the record."""
