"""A shop that asks a partner, and gives away coupons."""
