"""A small shop: orders, receipts, reports and images."""
