"""Keeps running until it is stopped."""

import time

print("ready")
print("still here")
time.sleep(60)
