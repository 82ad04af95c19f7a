"""What Django finds here by itself."""
